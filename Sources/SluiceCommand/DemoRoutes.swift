internal import Sluice

/// The routes that the executable serves: enough to see that it works, and to measure it.
enum DemoRoutes {
    static func router() -> Router {
        var router = Router()
        router.get("/") { _, response in
            response.send("Hello, World!")
        }
        router.get("/health") { _, response in
            response.send("OK")
        }
        router.get("/stream") { request, response in
            try await stream(request, &response)
        }
        router.post("/submit") { request, response in
            response.send(request.body)
        }
        return router
    }

    /// `chunk 1 of 5` and so on, one after the other: `?chunks=` of them, `?delay=` milliseconds
    /// apart.
    private static func stream(
        _ request: borrowing Request, _ response: inout Response
    ) async throws {
        let count = try number("chunks", of: request, in: 1...100_000) ?? 5
        let delay = try number("delay", of: request, in: 0...60_000) ?? 0
        try response.setField("Content-Type", "text/plain; charset=utf-8")
        for index in 1...count {
            if index > 1, delay > 0 { try await Task.sleep(for: .milliseconds(delay)) }
            try await response.write("chunk \(index) of \(count)\n")
        }
    }

    /// A number in the query; `nil` when it is not there.
    private static func number(
        _ key: String, of request: borrowing Request, in range: ClosedRange<Int>
    ) throws -> Int? {
        guard let text = request.query[key] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw HTTPError(
                .badRequest, code: "invalid_parameter",
                message: "\(key) is not a number from \(range.lowerBound) to \(range.upperBound)",
                field: key)
        }
        return value
    }
}
