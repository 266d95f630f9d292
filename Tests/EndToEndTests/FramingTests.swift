import Sluice
import TestSupport
import Testing

/// How answers are framed, and what they say about the connection (RFC 9112 §6, §9).
@Suite(.onEveryEngine) struct FramingTests {
    @Test(arguments: ["/", "/empty", "/204", "/304", "/stream", "/big", "/nothing"])
    func `HEAD gets the field lines of GET and no body`(path: String) throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            let get = try client.response()
            try client.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try client.response(to: "HEAD")
            #expect(head.status == get.status)
            #expect(head.body.isEmpty)
            for name in ["Content-Length", "Transfer-Encoding", "Content-Type", "Server"] {
                #expect(head.values(name) == get.values(name), "\(name)")
            }
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "Hello, World!")
        }
    }

    @Test(arguments: ["/204", "/304"])
    func `an answer without content has neither body nor coding`(path: String) throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let response = try client.response()
            #expect(response.body.isEmpty)
            #expect(response.values("Transfer-Encoding") == [])
            #expect(try client.end() == .finished)
        }
    }

    @Test func `a stream is chunked for HTTP 1.1 and the connection goes on`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.response()
            #expect(response.values("Transfer-Encoding") == ["chunked"])
            #expect(response.values("Content-Length") == [])
            #expect(response.chunkSizes == Array(repeating: 1_000, count: 5))
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "Hello, World!")
        }
    }

    @Test(arguments: ["close", "keep-alive"])
    func `a stream for HTTP 1.0 ends by close`(connection: String) throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send("GET /stream HTTP/1.0\r\nConnection: \(connection)\r\n\r\n")
            let response = try client.response()
            #expect(response.isEndedByClose)
            #expect(response.closes)
            #expect(response.body.count == 5_000)
            #expect(try client.end() == .finished)
        }
    }

    @Test(arguments: ["HTTP/1.0", "HTTP/1.1"])
    func `a client that asks for keep-alive by name hears of it`(version: String) throws {
        try withServer(
            TestRoutes.router(), { $0.maxKeepAliveRequests = 9 },
            { running in
                let client = try running.client()
                for remaining in [8, 7] {
                    try client.send(
                        "GET / \(version)\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n")
                    let response = try client.response()
                    #expect(response.values("Connection") == ["keep-alive"])
                    #expect(response.values("Keep-Alive") == ["timeout=10, max=\(remaining)"])
                }
            })
    }

    @Test(arguments: ["close", "Close", "keep-alive, close", "x , close"])
    func `Connection close ends the connection`(value: String) throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: \(value)\r\n\r\n")
            #expect(try client.response().closes)
            #expect(try client.end() == .finished)
        }
    }

    @Test func `the last request of a connection says so`() throws {
        try withServer(
            TestRoutes.router(), { $0.maxKeepAliveRequests = 3 },
            { running in
                let client = try running.client()
                try client.send(
                    String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 5))
                let answers = try client.responses(3)
                #expect(answers.map(\.closes) == [false, false, true])
                #expect(try client.end() == .finished)
            })
    }

    @Test func `the server's name can be changed and left out`() throws {
        for (name, values) in [("Acme/1", ["Acme/1"]), ("", [])] {
            try withServer(
                TestRoutes.router(), { $0.serverName = name },
                { running in
                    let client = try running.client()
                    try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try client.response().values("Server") == values)
                })
        }
    }
}
