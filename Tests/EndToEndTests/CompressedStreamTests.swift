import Compression
import Sluice
import TestSupport
import Testing

/// Answers that are compressed while their handlers make them.
@Suite(.onEveryEngine) struct CompressedStreamTests {
    struct Failure: Error {}

    /// Fails after its first piece.
    struct Broken: StreamedBody {
        private var made = false

        mutating func next() throws -> [UInt8]? {
            guard !made else { throw Failure() }
            made = true
            return Array(repeating: 97, count: 1_000)
        }
    }

    private static func router(_ gates: [Gate], _ compression: ResponseCompression) -> Router {
        var router = Router()
        router.use(compression)
        router.get("/producer") { _, response in
            response.stream(Pieces(count: 40, byteCount: 10_000))
            try response.setField("Content-Type", "text/plain")
        }
        router.get("/long-pieces") { _, response in
            response.stream(Pieces(count: 3, byteCount: 400_000))
            try response.setField("Content-Type", "text/plain")
            response.contentLength = 1_200_000
        }
        router.get("/asynchronous-producer") { _, response in
            await Task.yield()
            response.stream(Pieces(count: 40, byteCount: 10_000))
            try response.setField("Content-Type", "text/plain")
        }
        router.get("/broken-producer") { _, response in
            response.stream(Broken())
            try response.setField("Content-Type", "text/plain")
        }
        router.get("/written") { request, response in
            response.send("beginning\n")
            response.contentLength = 10 + 3 * 200_000
            for _ in 0..<3 { try await response.write(lines(200_000)) }
            if request.query["trailer"] != nil { try response.addTrailer("X-Sum", "7") }
        }
        router.get("/piecewise") { _, response in
            response.send("")
            for index in 1...3 {
                try await response.write("piece \(index)\n")
                await gates[index - 1].wait()
            }
        }
        router.get("/events") { _, response in
            var events = try await response.events()
            for index in 1...3 {
                try await events.send(ServerSentEvent("event \(index)"))
                await gates[index - 1].wait()
            }
        }
        router.get("/short") { _, response in
            response.send("")
            response.contentLength = 5
            try await response.write("short")
        }
        router.get("/nothing") { _, response in
            response.send("")
            try await response.flush()
        }
        router.get("/broken") { _, response in
            response.send(lines(600))
            try await response.write("more")
            throw Failure()
        }
        router.stream(.post, "/echo") { request, response in
            try response.setField("Content-Type", "text/plain")
            for try await chunk in request.body { try await response.write(chunk) }
        }
        return router
    }

    private func withStreams(
        _ gates: [Gate]? = nil, _ compression: ResponseCompression? = nil,
        _ body: (RunningServer) throws -> Void
    ) throws {
        let all = gates ?? (1...3).map { _ in Gate() }
        if gates == nil { for gate in all { gate.open() } }
        try withServer(Self.router(all, try compression ?? ResponseCompression())) {
            try body($0)
        }
    }

    private static let gzip = "Accept-Encoding: gzip"

    @Test(arguments: [
        ("/producer", 400_000), ("/long-pieces", 1_200_000), ("/asynchronous-producer", 400_000),
    ])
    func `a body that is made while it is sent`(path: String, count: Int) throws {
        try withStreams { running throws in
            let plain = try ask(running, "GET \(path)")
            #expect(plain.body.count == count)
            #expect(plain["Vary"] == "Accept-Encoding")
            let response = try ask(running, "GET \(path)", [Self.gzip])
            #expect(response["Content-Encoding"] == "gzip")
            #expect(response.chunkSizes != nil)
            #expect(response.body.count < count / 20)
            #expect(try expanded(response.body) == plain.body)
            let head = try ask(running, "HEAD \(path)", [Self.gzip])
            #expect(head["Content-Encoding"] == "gzip")
            #expect(head["Content-Length"] == nil)
        }
    }

    @Test func `for HTTP/1.0 the end of the connection ends it`() throws {
        try withStreams { running throws in
            for path in ["/producer", "/written"] {
                let client = try running.client()
                try client.send("GET \(path) HTTP/1.0\r\n\(Self.gzip)\r\n\r\n")
                let response = try client.response()
                #expect(response["Content-Encoding"] == "gzip")
                #expect(response.isEndedByClose)
                #expect(try response.plainText().utf8.count > 300_000)
            }
        }
    }

    @Test func `a body that is written, with trailers`() throws {
        try withStreams { running throws in
            let client = try running.client()
            try client.send(
                "GET /written?trailer= HTTP/1.1\r\nHost: a\r\n\(Self.gzip)\r\nConnection: close\r\n\r\n"
            )
            let reader = StreamReader()
            while !reader.hasEnded { try reader.read(from: client) }
            #expect(reader.head.contains("Content-Encoding: gzip\r\n"))
            #expect(reader.head.contains("Transfer-Encoding: chunked\r\n"))
            #expect(!reader.head.contains("Content-Length"))
            let whole = "beginning\n" + String(repeating: lines(200_000), count: 3)
            #expect(reader.text == whole)
            #expect(reader.trailers == "X-Sum: 7\r\n")
        }
    }

    @Test(arguments: ["/piecewise", "/events"])
    func `each write can be read when it has come`(path: String) throws {
        let gates = (1...3).map { _ in Gate() }
        try withStreams(gates) { running throws in
            let client = try running.client()
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(Self.gzip)\r\n\r\n")
            let reader = StreamReader()
            for index in 1...3 {
                let end = path == "/events" ? "data: event \(index)\n\n" : "piece \(index)\n"
                while !reader.text.hasSuffix(end) { try reader.read(from: client) }
                gates[index - 1].open()
            }
            while !reader.hasEnded { try reader.read(from: client) }
            #expect(reader.head.contains("Content-Encoding: gzip\r\n"))
            #expect(reader.head.contains("Vary: Accept-Encoding\r\n"))
        }
    }

    @Test func `the header of an event stream does not wait for an event`() throws {
        let gate = Gate()
        var router = Router()
        router.use(try ResponseCompression())
        router.get("/") { _, response in
            var events = try await response.events()
            await gate.wait()
            try await events.send(ServerSentEvent("late"))
        }
        try withServer(router) { running throws in
            let client = try running.client()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\(Self.gzip)\r\n\r\n")
            let reader = StreamReader()
            while reader.codedCount < 10 { try reader.read(from: client) }
            #expect(reader.text == "")
            gate.open()
            while !reader.hasEnded { try reader.read(from: client) }
            #expect(reader.text == "data: late\n\n")
        }
    }

    @Test func `heartbeats stand between compressed events`() throws {
        let gate = Gate()
        var router = Router()
        router.use(try ResponseCompression())
        router.get("/") { _, response in
            var events = try await response.events()
            events.setHeartbeat(every: .milliseconds(5))
            try await events.send(ServerSentEvent("early"))
            await gate.wait()
            try await events.send(ServerSentEvent("late"))
        }
        try withServer(router) { running throws in
            let client = try running.client()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\(Self.gzip)\r\n\r\n")
            let reader = StreamReader()
            while reader.codedCount < 100 { try reader.read(from: client) }
            #expect(reader.text == "data: early\n\n")
            gate.open()
            while !reader.hasEnded { try reader.read(from: client) }
            #expect(reader.text == "data: early\n\ndata: late\n\n")
        }
    }

    @Test func `a promise of less than the threshold is kept`() throws {
        try withStreams { running throws in
            let response = try ask(running, "GET /short", [Self.gzip])
            #expect(response["Content-Encoding"] == nil)
            #expect(response["Content-Length"] == "5")
            #expect(response.text == "short")
        }
    }

    @Test func `a body without a byte is an empty stream`() throws {
        try withStreams { running throws in
            let response = try ask(running, "GET /nothing", [Self.gzip])
            #expect(response["Content-Encoding"] == "gzip")
            #expect(try response.plainText() == "")
        }
    }

    @Test(arguments: ["/broken", "/broken-producer"])
    func `an answer that breaks off does not look whole`(path: String) throws {
        try withStreams { running throws in
            let client = try running.client()
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(Self.gzip)\r\n\r\n")
            let (bytes, _) = try client.rest()
            #expect(!String(decoding: bytes, as: UTF8.self).hasSuffix("\r\n0\r\n\r\n"))
        }
    }

    @Test(arguments: ["/written", "/producer", "/events"])
    func `HEAD has no body, and its connection goes on`(path: String) throws {
        try withStreams { running throws in
            let client = try running.client()
            for _ in 0..<3 {
                try client.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\(Self.gzip)\r\n\r\n")
                let response = try client.response(to: "HEAD")
                #expect(response["Content-Encoding"] == "gzip")
            }
        }
    }

    @Test func `a streaming handler's answer goes as it comes`() throws {
        try withStreams { running throws in
            let client = try running.client()
            let body = lines(500_000)
            try client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\n\(Self.gzip)\r\nContent-Length: 500000\r\n\r\n")
            try client.sendWhileReading(Array(body.utf8))
            let response = try client.response()
            #expect(response["Content-Encoding"] == "gzip")
            #expect(try response.plainText() == body)
        }
    }

    @Test func `a client that goes away gives its compressor back`() throws {
        try withStreams(nil, ResponseCompression(maxConcurrent: 1)) { running throws in
            for _ in 0..<3 {
                let client = try running.client(receiveBufferSize: 4_096)
                try client.send("GET /producer HTTP/1.1\r\nHost: a\r\n\(Self.gzip)\r\n\r\n")
                _ = try client.takeSome()
                try client.resetWhenReleased()
            }
            // The resets are seen some time.
            var codings: [String?] = []
            let deadline = ContinuousClock.now + .seconds(15)
            repeat {
                codings.append(try ask(running, "GET /written", [Self.gzip])["Content-Encoding"])
            } while codings.last != "gzip" && ContinuousClock.now < deadline
            #expect(codings.last == "gzip")
        }
    }

    @Test func `beyond so many at a time answers are plain`() throws {
        let gates = (1...3).map { _ in Gate() }
        try withStreams(gates, ResponseCompression(maxConcurrent: 1)) { running throws in
            let first = try running.client()
            try first.send("GET /piecewise HTTP/1.1\r\nHost: a\r\n\(Self.gzip)\r\n\r\n")
            let reader = StreamReader()
            while !reader.text.hasSuffix("piece 1\n") { try reader.read(from: first) }
            for path in ["/written", "/producer"] {
                let plain = try ask(running, "GET \(path)", [Self.gzip])
                #expect(plain["Content-Encoding"] == nil)
                #expect(plain["Vary"] == "Accept-Encoding")
                #expect(plain.body.count > 300_000)
            }
            for gate in gates { gate.open() }
            while !reader.hasEnded { try reader.read(from: first) }
            #expect(reader.text == "piece 1\npiece 2\npiece 3\n")
        }
    }
}

/// Reads a chunked answer in gzip as it comes.
private final class StreamReader {
    private(set) var head = ""
    /// What can be read so far.
    private(set) var text = ""
    private(set) var trailers = ""
    /// Bytes of the compressed body so far.
    private(set) var codedCount = 0
    private(set) var hasEnded = false
    private var received: [UInt8] = []
    private var inflater = Inflater(.gzip)

    func read(from client: RawClient) throws {
        let bytes = try client.takeBytes()
        guard !bytes.isEmpty else { throw ClientFailure("the answer broke off behind \(text)") }
        received += bytes
        if head.isEmpty {
            guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            head = String(decoding: received[..<(end.lowerBound + 2)], as: UTF8.self)
            received.removeFirst(end.upperBound)
        }
        while let lineEnd = received.firstRange(of: [13, 10]) {
            let size = try #require(
                Int(String(decoding: received[..<lineEnd.lowerBound], as: UTF8.self), radix: 16))
            if size == 0 {
                guard received.suffix(4) == [13, 10, 13, 10] else { return }
                trailers = String(
                    decoding: received[lineEnd.upperBound...].dropLast(2), as: UTF8.self)
                try inflater.finish()
                hasEnded = true
                return
            }
            let end = lineEnd.upperBound + size
            guard received.count >= end + 2 else { return }
            var made: [UInt8] = []
            let chunk = Array(received[lineEnd.upperBound..<end])
            let used = try inflater.inflate(chunk.span, upTo: 1 << 28, into: &made)
            #expect(used == size)
            codedCount += size
            text += String(decoding: made, as: UTF8.self)
            received.removeFirst(end + 2)
        }
    }
}
