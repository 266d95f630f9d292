import TestSupport
import Testing

/// `GET /events` of the executable.
@Suite(.onEveryEngine) struct DemoEventTests {
    @Test(arguments: [
        ("7", 8), ("0", 1), ("-1", 1), ("tea", 1), ("9223372036854775807", 1),
        ("1125899906842624", 1),
    ])
    func `events go on behind the last that the client has seen`(last: String, id: Int) throws {
        try withSluice { sluice in
            let client = try sluice.client()
            try client.send(
                "GET /events?count=1 HTTP/1.1\r\nHost: a\r\nLast-Event-ID: \(last)\r\n\r\n")
            let response = try client.response()
            #expect(response["Content-Type"] == "text/event-stream")
            #expect(response["Cache-Control"] == "no-store")
            #expect(response.text == "id: \(id)\ndata: tick \(id)\n\n")
        }
    }

    @Test(arguments: [
        ("interval=9", "interval"), ("interval=60001", "interval"), ("interval=x", "interval"),
        ("count=0", "count"), ("count=1000001", "count"),
        ("heartbeat=9", "heartbeat"),
    ])
    func `what is out of range gets 400`(query: String, name: String) throws {
        try withSluice { sluice in
            let client = try sluice.client()
            try client.send("GET /events?\(query) HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 400)
            #expect(response.text.contains(name))
        }
    }

    @Test func `events without end stop when their client goes`() throws {
        // The drain is a clean one, and it is not without.
        try withSluice { sluice in
            let client = try sluice.client()
            try client.send("GET /events?interval=10 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.hasNews(within: RawClient.patience))
        }
    }
}
