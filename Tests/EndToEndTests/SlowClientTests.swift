import Sluice
import TestSupport
import Testing

/// Clients that take their time, and what the time limits make of them.
@Suite(.onEveryEngine) struct SlowClientTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `a request that comes byte by byte is answered`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.sendByteByByte(get)
            #expect(try client.response().text == "Hello, World!")
            try client.sendByteByByte(
                "POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try client.response().text == "hello")
            try client.sendByteByByte(
                "POST /submit HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5;x=y\r\nhello\r\n0\r\nX: a\r\n\r\n")
            #expect(try client.response().text == "hello")
        }
    }

    /// A bar stands for a line's end.
    @Test(arguments: ["G", "GET / HTTP/1.1|Host: a|", "GET / HTTP/1.1|Host: a|X: "])
    func `a head that takes too long gets 408`(part: String) throws {
        try withServer(
            TestRoutes.router(), { $0.headerTimeout = .milliseconds(200) },
            { running in
                let client = try running.client()
                try client.send(get)
                #expect(try client.response().status == 200)
                try client.send(part.replacing("|", with: "\r\n"))
                try expectTimeout(client)
            })
    }

    @Test(arguments: ["Content-Length: 100", "Transfer-Encoding: chunked"])
    func `a body that takes too long gets 408`(field: String) throws {
        try withServer(
            TestRoutes.router(), { $0.bodyTimeout = .milliseconds(200) },
            { running in
                let client = try running.client()
                try client.send("POST /submit HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n5\r\nhello")
                try expectTimeout(client)
            })
    }

    @Test func `a body that drips slower than the rate gets 408`() throws {
        try withServer(
            TestRoutes.router(),
            {
                $0.bodyTimeout = .milliseconds(300)
                $0.minTransferRate = 1_000_000
            },
            { running in
                let client = try running.client()
                try client.send("POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n")
                // Each byte earns a microsecond. The drip ends with the answer.
                var count = 0
                while count < 900, try !client.hasNews(within: 20_000_000) {
                    try client.send("x")
                    count += 1
                }
                try expectTimeout(client)
                #expect(count < 900)
            })
    }

    @Test func `a body that is slow but keeps the rate is taken`() throws {
        try withServer(
            TestRoutes.router(),
            {
                $0.bodyTimeout = .milliseconds(150)
                $0.minTransferRate = 10
            },
            { running in
                let client = try running.client()
                try client.send("POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
                // Several times as long as the timeout alone would allow.
                for _ in 0..<20 {
                    try client.send(Array(repeating: 120, count: 50))
                    _ = try client.hasNews(within: 50_000_000)
                }
                let response = try client.response()
                #expect(response.status == 200)
                #expect(response.body.count == 1_000)
            })
    }

    @Test func `an idle connection ends silently`() throws {
        try withServer(
            TestRoutes.router(), { $0.keepAliveTimeout = .milliseconds(200) },
            { running in
                let fresh = try running.client()
                let used = try running.client()
                try used.send(get)
                #expect(try used.response().status == 200)
                #expect(try used.end() == .finished)
                #expect(try fresh.end() == .finished)
            })
    }

    @Test func `a client that does not take its answer is reset`() throws {
        try withServer(
            TestRoutes.router(),
            {
                $0.writeTimeout = .milliseconds(300)
                $0.minTransferRate = 0
            },
            { running in
                let client = try running.client(receiveBufferSize: 4_096)
                let requests = "GET /long HTTP/1.1\r\nHost: a\r\n\r\n"
                try client.send(requests + requests + requests)
                // The server is the one that ends this, so its list of connections shrinks to the
                // other client's: a drain that need not be forced shows it.
                running.server.drain()
                #expect(try running.outcome().forcedConnections == 0)
                #expect(try client.rest().ending == .reset)
            })
    }

    @Test func `a client that takes its answer slowly but at the rate gets all of it`() throws {
        try withServer(
            TestRoutes.router(),
            {
                $0.writeTimeout = .milliseconds(200)
                $0.minTransferRate = 1_000_000
            },
            { running in
                let client = try running.client(receiveBufferSize: 4_096)
                try client.send("GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                var count = 0
                while let some = try client.takeSome() { count += some }
                #expect(count > 400 * 16_384)
            })
    }

    @Test func `answers that nobody reads do not fill the server's memory`() throws {
        try withSluice { sluice in
            let client = try sluice.client(receiveBufferSize: 4_096)
            try client.send(get)
            #expect(try client.response().status == 200)
            let before = try sluice.process.status("VmRSS")

            let body = bytes(65_536)
            let request =
                Array("POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n".utf8)
                + body
            let wire = Array(repeating: request, count: 200).flatMap { $0 }
            let sent = try client.sendUntilBlocked(wire)
            #expect(sent < wire.count, "the server goes on reading")
            let growth = try sluice.process.status("VmRSS") - before
            #expect(growth < 4_096, "KiB")

            try client.sendWhileReading(Array(wire[sent...]))
            for _ in 0..<200 {
                #expect(try client.response().body == body)
            }
        }
    }

    @Test func `small requests with large answers stop at the watermark`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client(receiveBufferSize: 4_096)
            try client.send(String(repeating: "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", count: 200))
            let other = try running.client()
            try other.send(get)
            #expect(try other.response().text == "Hello, World!")
            for _ in 0..<200 {
                #expect(try client.response().body.count == 65_536)
            }
        }
    }

    private func expectTimeout(_ client: RawClient) throws {
        let response = try client.response()
        #expect(response.status == 408)
        #expect(response.defect == nil)
        #expect(response.closes)
        #expect(try client.end() == .finished)
    }
}
