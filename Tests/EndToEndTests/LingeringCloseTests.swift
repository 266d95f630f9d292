import TestSupport
import Testing

/// After its last answer the server reads on for a while, so that a client which is still sending
/// reads the answer and not a reset (RFC 9112 §9.6).
@Suite(.onEveryEngine) struct LingeringCloseTests {
    /// Made before anything is sent: the server waits for a bounded time only.
    private let body = [UInt8](repeating: 120, count: 5 * 1_048_576)

    @Test(arguments: ["Content-Length: 5242880", "Transfer-Encoding: chunked"])
    func `a client that sends and reads gets the 413 for its large body`(field: String) throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send("POST /submit HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n500000\r\n")
            try client.sendWhileReading(body)
            let response = try client.response()
            #expect(response.status == 413)
            #expect(response.closes)
            #expect(try client.end() == .finished)
        }
    }

    @Test(arguments: ["Content-Length: 5242880", "Transfer-Encoding: chunked"])
    func `a client that reads only after it has sent gets the 413 too`(field: String) throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send("POST /submit HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n500000\r\n")
            try client.send(body)
            let response = try client.response()
            #expect(response.status == 413)
            #expect(try client.end() == .finished)
        }
    }

    @Test func `a client that pipelines behind a bad request reads every answer`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
            try client.send(get + "BAD\r\n\r\n")
            try client.send(String(repeating: get, count: 1_000))
            #expect(try client.responses(2).map(\.status) == [200, 400])
            #expect(try client.end() == .finished)
        }
    }
}
