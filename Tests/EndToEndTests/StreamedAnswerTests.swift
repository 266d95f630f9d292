import Sluice
import Synchronization
import TestSupport
import Testing

/// Answers that asynchronous handlers write piece by piece.
@Suite(.onEveryEngine) struct StreamedAnswerTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private func request(_ path: String, _ version: String = "1.1") -> String {
        "GET \(path) HTTP/\(version)\r\nHost: a\r\n\r\n"
    }

    private static func router() -> Router {
        var router = Router()
        router.get("/") { _, response in response.send("Hello, World!") }
        router.get("/words") { _, response in
            try response.setField("Content-Type", "text/plain")
            for word in ["one ", "", "two ", "three"] { try await response.write(word) }
        }
        router.get("/known") { _, response in
            response.contentLength = 6
            try await response.write("abc")
            try await response.write("def")
        }
        router.get("/long") { _, response in
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
            for _ in 0..<50 { try await response.write(piece) }
        }
        return router
    }

    @Test func `each write is a chunk, and an empty one is none`() throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send(request("/words") + get)
            let answers = try client.responses(2)
            #expect(answers[0].chunkSizes == [4, 4, 5])
            #expect(answers[0].text == "one two three")
            #expect(answers[0]["Content-Type"] == "text/plain")
            #expect(answers[1].text == "Hello, World!")
        }
    }

    @Test func `an HTTP 1.0 client gets the bytes and the end of the connection`() throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send(request("/words", "1.0"))
            let answer = try client.response()
            #expect(answer.isEndedByClose)
            #expect(answer.text == "one two three")
        }
    }

    @Test(arguments: ["1.0", "1.1"])
    func `a length that is announced needs no chunks`(version: String) throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send(
                "GET /known HTTP/\(version)\r\nHost: a\r\nConnection: keep-alive\r\n\r\n" + get)
            let answers = try client.responses(2)
            #expect(answers[0]["Content-Length"] == "6")
            #expect(answers[0].chunkSizes == nil)
            #expect(answers.map(\.text) == ["abcdef", "Hello, World!"])
        }
    }

    @Test(arguments: ["1.0", "1.1"])
    func `an asynchronous handler may leave its body to a producer`(version: String) throws {
        var router = Self.router()
        router.get("/pieces") { _, response in
            await Task.yield()
            response.stream(Pieces(count: 30, byteCount: 10_000))
        }
        try withServer(router) { running throws in
            let client = try running.client()
            try client.send(request("/pieces", version))
            let answer = try client.response()
            #expect((answer.chunkSizes != nil) == (version == "1.1"))
            #expect(answer.body.count == 300_000)
            guard version == "1.1" else { return }
            // Behind other answers that come late, and before one that waits for it.
            try client.send(request("/words") + request("/pieces") + request("/pieces") + get)
            let answers = try client.responses(4)
            #expect(answers.map(\.body.count) == [13, 300_000, 300_000, 13])
        }
    }

    @Test func `HEAD gets the head, and the handler is told to stop`() throws {
        let error = Mutex<(any Error)?>(nil)
        let ended = Happening()
        var router = Self.router()
        router.get("/endless") { _, response in
            do {
                while true { try await response.write("again ") }
            } catch let thrown {
                error.withLock { $0 = thrown }
                ended.happens()
                throw thrown
            }
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("HEAD /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try client.response(to: "HEAD")
            #expect(answer["Transfer-Encoding"] == "chunked")
            try client.send(get)
            #expect(try client.response().text == "Hello, World!")
            try ended.await()
        }
        #expect(error.withLock { $0 as? StreamError } == .noBody)
    }

    @Test func `a stream keeps its place in the pipeline`() throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send(get + request("/long") + get + request("/words") + request("/known"))
            let answers = try client.responses(5)
            #expect(answers.map(\.status) == [200, 200, 200, 200, 200])
            #expect(answers[1].body.count == 5_000_000)
            #expect(answers[3].text == "one two three")
            #expect(answers[4].text == "abcdef")
        }
    }

    @Test func `the head may change until the first write`() throws {
        var router = Self.router()
        router.get("/late") { _, response in
            response.status = .ok
            try response.setField("X-A", "1")
            await Task.yield()
            let isSentBefore = response.isHeadSent
            response.status = .accepted
            try response.setField("X-A", "2")
            try await response.write("x")
            let isSentAfter = response.isHeadSent
            #expect(!isSentBefore && isSentAfter)
        }
        router.get("/begun") { _, response in
            response.send("begin ")
            try await response.write("and end")
        }
        router.get("/thrown") { _, response in
            response.status = .accepted
            response.send("what nobody sees")
            await Task.yield()
            throw HTTPError(.forbidden)
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(request("/late") + request("/begun") + request("/thrown"))
            let answers = try client.responses(3)
            #expect(answers.map(\.status) == [202, 200, 403])
            #expect(answers[0]["X-A"] == "2")
            #expect(answers[1].text == "begin and end")
            #expect(!answers[2].text.contains("nobody"))
        }
    }

    @Test(arguments: ["/throws", "/short"])
    func `an answer that cannot be completed is broken off`(path: String) throws {
        struct Broken: Error {}
        let lines = Mutex<[String]>([])
        var router = Self.router()
        router.get("/throws") { _, response in
            try await response.write("half")
            try await response.flush()
            throw Broken()
        }
        router.get("/short") { _, response in
            response.contentLength = 10
            try await response.write("half")
            try await response.flush()
        }
        try withServer(router) { configuration in
            configuration.log = { line in lines.withLock { $0.append(line) } }
        } _: { running in
            let client = try running.client()
            try client.send(request(path))
            let (bytes, ending) = try client.rest()
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.hasSuffix("0\r\n\r\n"))
            #expect(ending == .reset)
        }
        #expect(lines.withLock { $0 }.contains { $0.contains("Broken") } == (path == "/throws"))
    }

    @Test func `more than was announced is refused`() throws {
        let error = Mutex<StreamError?>(nil)
        var router = Self.router()
        router.get("/much") { _, response in
            response.contentLength = 3
            try await response.write("abc")
            do {
                try await response.write("d")
            } catch let thrown as StreamError {
                error.withLock { $0 = thrown }
            }
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(request("/much") + get)
            #expect(try client.responses(2).map(\.text) == ["abc", "Hello, World!"])
        }
        #expect(error.withLock { $0 } == .tooLong)
    }

    @Test func `trailers follow a chunked body`() throws {
        var router = Self.router()
        router.get("/sum") { _, response in
            try await response.write("abc")
            try response.addTrailer("X-Sum", "6")
            #expect(throws: InvalidField.self) { try response.addTrailer("Content-Length", "3") }
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("GET /sum HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let text = String(decoding: try client.rest().bytes, as: UTF8.self)
            #expect(text.hasSuffix("3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n"))
        }
    }

    @Test func `a writer waits for a client that reads slowly`() throws {
        let written = Atomic<Int>(0)
        var router = Self.router()
        let piece = [UInt8](repeating: 7, count: 65_536)
        router.get("/much") { _, response in
            for _ in 0..<400 {
                try await response.write(piece)
                written.add(piece.count, ordering: .relaxed)
            }
        }
        try withServer(router) { running in
            let client = try running.client(receiveBufferSize: 65_536)
            try client.send("GET /much HTTP/1.0\r\n\r\n")
            _ = try client.hasNews(within: 5_000_000_000)
            // What the kernel buffers, and ours; far from all.
            var before = -1
            while before != written.load(ordering: .relaxed) {
                before = written.load(ordering: .relaxed)
                let other = try running.client()
                for _ in 0..<50 {
                    try other.send(get)
                    _ = try other.response()
                }
            }
            #expect(before < 13_000_000)
            #expect(try client.rest().bytes.count > 400 * piece.count)
        }
    }

    @Test func `a writer hears that its client has gone`() throws {
        let error = Mutex<StreamError?>(nil)
        let (begun, ended) = (Happening(), Happening())
        var router = Self.router()
        router.get("/endless") { _, response in
            let piece = [UInt8](repeating: 7, count: 65_536)
            do {
                while true {
                    try await response.write(piece)
                    begun.happens()
                }
            } catch let thrown as StreamError {
                error.withLock { $0 = thrown }
            }
            ended.happens()
        }
        try withServer(router) { running in
            try {
                let client = try running.client()
                try client.send(request("/endless"))
                try begun.await()
            }()
            try ended.await()
        }
        #expect(error.withLock { $0 } == .clientGone)
    }
}
