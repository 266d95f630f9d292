import Sluice
import Synchronization
import TestSupport
import Testing

/// Bodies that streaming handlers read as they come.
@Suite(.onEveryEngine) struct StreamedRequestTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func router() -> Router {
        var router = Router()
        router.get("/") { _, response in response.send("Hello, World!") }
        router.stream(.post, "/echo") { request, response in
            for try await chunk in request.body { try await response.write(chunk) }
        }
        router.stream(.put, "/sum/{name}", limits: .maxBodyBytes(1 << 40)) { request, response in
            var (count, sum) = (0, 0)
            for try await chunk in request.body {
                count += chunk.count
                for byte in chunk { sum &+= Int(byte) }
            }
            response.send("\(request.parameter("name") ?? "-") \(count) \(sum)")
        }
        router.stream(.post, "/refuse") { request, _ in
            throw HTTPError(.unauthorized)
        }
        router.stream(.post, "/ignore") { _, response in
            await Task.yield()
            response.send("ignored")
        }
        return router
    }

    @Test func `a body comes as it was sent, whatever its framing and its pieces`() throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                    + "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
                    + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
                    + "POST /echo HTTP/1.1\r\nHost: a\r\n\r\n" + get)
            #expect(
                try client.responses(5).map(\.text) == ["hello", "hello", "", "", "Hello, World!"])
            try client.sendByteByByte(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                    + "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n" + get)
            #expect(
                try client.responses(3).map(\.text) == ["hello", "hello", "Hello, World!"])
        }
    }

    @Test func `a large body passes through, in both framings`() throws {
        let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let sum = bytes.reduce(0) { $0 &+ Int($1) }
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send(
                Array(
                    "PUT /sum/a HTTP/1.1\r\nHost: a\r\nContent-Length: \(bytes.count)\r\n\r\n".utf8)
                    + bytes)
            #expect(try client.response().text == "a \(bytes.count) \(sum)")
            var chunked = Array(
                "PUT /sum/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            var start = 0
            var size = 1
            while start < bytes.count {
                let count = min(size, bytes.count - start)
                chunked += Array("\(String(count, radix: 16))\r\n".utf8)
                chunked += bytes[start..<(start + count)] + Array("\r\n".utf8)
                start += count
                size = size * 3 % 200_003 + 1
            }
            try client.send(chunked + Array("0\r\n\r\n".utf8))
            #expect(try client.response().text == "b \(bytes.count) \(sum)")
            try client.send(get)
            #expect(try client.response().status == 200)
        }
    }

    @Test func `a client is told to continue when the body is asked for`() throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            let head =
                "HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            try client.send("PUT /sum/x \(head)")
            #expect(try client.response().status == 100)
            try client.send("hello")
            #expect(try client.response().text == "x 5 532")
            try client.send("POST /refuse \(head)")
            let refusal = try client.response()
            #expect(refusal.status == 401)
            #expect(refusal.closes)
            #expect(try client.end() == .finished)
        }
    }

    @Test func `what nobody reads is dropped`() throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            for _ in 0..<2 {
                try client.send(
                    "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n"
                        + String(repeating: "x", count: 200_000)
                        + "POST /refuse HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "5\r\nhello\r\n0\r\n\r\n" + get)
                #expect(try client.responses(3).map(\.status) == [200, 401, 200])
            }
        }
    }

    @Test func `a handler that does not read keeps its client from sending`() throws {
        let gate = Gate()
        var router = Self.router()
        let count = 64 << 20
        router.stream(.post, "/slow", limits: .maxBodyBytes(count)) { request, response in
            await gate.wait()
            var sum = 0
            for try await chunk in request.body { sum += chunk.count }
            response.send("\(sum)")
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n")
            let sent = try client.sendUntilBlocked([UInt8](repeating: 1, count: count))
            #expect(sent < count / 2)
            gate.open()
            try client.send([UInt8](repeating: 1, count: count - sent))
            #expect(try client.response().text == "\(count)")
        }
    }

    @Test(arguments: [
        ("Content-Length: 5000000", "", 413), ("Transfer-Encoding: chunked", "4C4B40\r\nx", 413),
        ("Transfer-Encoding: chunked", "3\r\nabcd\r\n", 400),
        ("Transfer-Encoding: chunked", "x\r\n", 400),
    ])
    func `a body that cannot be is refused`(framing: String, body: String, status: Int) throws {
        try withServer(Self.router()) { configuration in
            configuration.maxBodyBytes = 100_000
        } _: { running in
            let client = try running.client()
            try client.send("POST /collect HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            #expect(try client.response().status == 404)
            try client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            #expect(try client.response().status == 200)
            var router = Self.router()
            router.stream(.post, "/read") { request, response in
                _ = try await request.body.collect(upTo: .max)
                response.send("read")
            }
            try withServer(router) {
                $0.maxBodyBytes = 100_000
            } _: { running in
                let client = try running.client()
                try client.send("POST /read HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n\(body)")
                let answer = try client.response()
                #expect(answer.status == status)
                #expect(answer.closes)
                #expect(try client.end() == .finished)
            }
        }
    }

    @Test func `a body that stops coming is an error for who reads it`() throws {
        let error = Mutex<(any Error)?>(nil)
        let ended = Happening()
        var router = Self.router()
        router.stream(.post, "/read") { request, response in
            do {
                for try await _ in request.body {}
            } catch let thrown {
                error.withLock { $0 = thrown }
                ended.happens()
                throw thrown
            }
        }
        try withServer(router) { configuration in
            configuration.bodyTimeout = .milliseconds(100)
            configuration.minTransferRate = 0
        } _: { running in
            let client = try running.client()
            try client.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
            #expect(try client.response().status == 408)
            try ended.await()
            #expect(error.withLock { ($0 as? HTTPError)?.status } == .requestTimeout)
            try {
                let gone = try running.client()
                try gone.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
            }()
            try ended.await()
            #expect(error.withLock { $0 as? StreamError } == .clientGone)
        }
    }

    @Test func `trailers come behind the body`() throws {
        var router = Self.router()
        router.stream(.post, "/trailers") { request, response in
            #expect(request.body.trailers.isEmpty)
            for try await _ in request.body {}
            let trailers = request.body.trailers
            response.send(trailers.map { "\($0.name)=\($0.value);" }.joined())
        }
        let body = "3\r\nabc\r\n0\r\nX-A: 1\r\nX-B:  two words \r\n\r\n"
        let head = "POST /trailers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        try withServer(router) { running in
            let client = try running.client()
            try client.send(head + body + get)
            #expect(
                try client.responses(2).map(\.text) == ["X-A=1;X-B=two words;", "Hello, World!"])
            try client.sendByteByByte(head + body)
            #expect(try client.response().text == "X-A=1;X-B=two words;")
        }
    }
}
