import Sluice
import TestSupport
import Testing

/// What becomes of a body that a streaming handler does not read.
@Suite(.onEveryEngine) struct UnreadBodyTests {
    /// Framing, what is sent of the body, and whether the connection goes on behind the answer. The
    /// server takes bodies of 1,000 bytes, the route larger ones.
    @Test(arguments: [
        ("Content-Length: 1000", String(repeating: "x", count: 1_000), true),
        ("Content-Length: 1001", "", false),
        ("Content-Length: 5\r\nExpect: 100-continue", "", false),
        ("Transfer-Encoding: chunked\r\nExpect: 100-continue", "", false),
    ])
    func `it is dropped where that is little, else the connection closes`(
        framing: String, body: String, goesOn: Bool
    ) throws {
        var router = Router()
        router.stream(.put, "/ignore", limits: .maxBodyBytes(1 << 30)) { _, response in
            await Task.yield()
            response.send("ignored")
        }
        router.get("/") { _, response in response.send("fine") }
        try withServer(router) {
            $0.maxBodyBytes = 1_000
        } _: { running in
            let client = try running.client()
            try client.send("PUT /ignore HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n\(body)")
            let response = try client.response()
            #expect(response.text == "ignored")
            #expect(response.closes == !goesOn)
            guard goesOn else {
                #expect(try client.end() == .finished)
                return
            }
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "fine")
        }
    }
}
