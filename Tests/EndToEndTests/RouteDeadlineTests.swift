import Sluice
import TestSupport
import Testing

/// Deadlines that a group gives to its routes.
@Suite(.onEveryEngine) struct RouteDeadlineTests {
    /// Ends only when its task is cancelled.
    private static let endless: AsyncHandlerClosure = { _, _ in
        let (never, _) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        try Task.checkCancellation()
    }

    private static func router(_ released: AsyncStream<Void> = AsyncStream { nil }) -> Router {
        var router = Router()
        router.group("/group", limits: .deadline(.milliseconds(20))) { group in
            group.get("/", endless)
            group.get("/own", limits: RouteLimits(deadlineStatus: .gatewayTimeout), endless)
            group.get("/longer", limits: .deadline(.seconds(3_600))) { _, response in
                for await _ in released { break }
                response.send("in its own time")
            }
            group.group("/inner", limits: RouteLimits(deadlineStatus: .gatewayTimeout)) { inner in
                inner.stream(.put, "/") { request, response in
                    _ = try await request.body.collect(upTo: 10)
                    try await endless(request.head, &response)
                }
            }
            group.stream(.get, "/begun") { _, response in
                try await response.write("begun")
                let (never, _) = AsyncStream<Void>.makeStream()
                for await _ in never {}
                try Task.checkCancellation()
            }
        }
        return router
    }

    @Test(arguments: [
        ("GET /group", 503), ("GET /group/own", 504), ("PUT /group/inner", 504),
        ("GET /group/longer", 200),
    ])
    func `what is not answered in time is answered for it`(line: String, status: Int) throws {
        try withServer(Self.router()) { running in
            let response = try ask(running, line)
            #expect(response.status == status)
            #expect((response["Retry-After"] != nil) == (status == 503))
        }
    }

    @Test func `a route's own deadline holds in place of its group's`() throws {
        let (released, release) = AsyncStream<Void>.makeStream()
        try withServer(Self.router(released)) { running in
            let client = try running.client()
            try client.send("GET /group/longer HTTP/1.1\r\nHost: a\r\n\r\n")
            // It comes later, so the group's deadline has passed for both when this is answered.
            #expect(try ask(running, "GET /group").status == 503)
            release.yield()
            #expect(try client.response().text == "in its own time")
        }
    }

    @Test func `an answer that has begun is broken off`() throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send("GET /group/begun HTTP/1.1\r\nHost: a\r\n\r\n")
            let (bytes, ending) = try client.rest()
            #expect(String(decoding: bytes, as: UTF8.self).contains("begun"))
            #expect(ending == .reset)
        }
    }
}
