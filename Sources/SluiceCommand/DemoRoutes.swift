internal import Sluice

/// The routes that the executable serves: enough to see that it works, and to measure it.
enum DemoRoutes {
    /// The routes.
    ///
    /// - Parameters:
    ///   - uploads: Where uploaded files go; `nil`: there is no such route.
    ///   - maxUploadBytes: Beyond, an upload gets 413.
    ///   - mounts: Static files; those at the root take the place of its greeting.
    ///   - compression: Around all routes; `nil`: nothing is compressed.
    ///   - decompression: Around `POST /submit`; `nil`: it takes bodies as they come.
    static func router(
        uploads: UploadFolder? = nil, maxUploadBytes: Int = 0, mounts: [MountedFiles] = [],
        compression: ResponseCompression? = nil, decompression: RequestDecompression? = nil
    ) -> Router {
        var router = Router()
        if let compression { router.use(compression) }
        if !mounts.contains(where: { $0.prefix.isEmpty }) {
            router.get("/") { _, response in
                response.send("Hello, World!")
            }
        }
        for mount in mounts { router.files(mount.prefix, mount.files) }
        router.get("/health") { _, response in
            response.send("OK")
        }
        router.get("/stream") { request, response in
            try await stream(request, &response)
        }
        router.get("/events") { request, response in
            try await sendEvents(request, &response)
        }
        router.group("/submit") { submit in
            if let decompression { submit.use(decompression) }
            submit.post("/") { request, response in
                response.send(request.body)
            }
        }
        if let uploads {
            let limits = RouteLimits.maxBodyBytes(maxUploadBytes)
            router.stream(.put, "/upload/{name}", limits: limits) { request, response in
                // The name is looked at first, so that a client which asks (`Expect`) need not send
                // the body of a file that cannot be.
                let name = try request.parameter("name", as: String.self)
                let count = try await uploads.save(request.body, as: name, existing: .kept)
                response.status = .created
                response.send("\(count) bytes\n")
            }
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

    /// Server-sent events, a tick every `?interval=` milliseconds, `?count=` of them or without end,
    /// and a heartbeat when nothing was sent for `?heartbeat=` milliseconds. A client that connects
    /// anew gets those behind the last that it has seen.
    private static func sendEvents(
        _ request: borrowing Request, _ response: inout Response
    ) async throws {
        let count = try number("count", of: request, in: 1...1_000_000)
        let interval = try number("interval", of: request, in: 10...60_000) ?? 1_000
        let heartbeat = try number("heartbeat", of: request, in: 10...60_000) ?? 15_000
        // What is no id of ours is as good as none.
        let last = request.lastEventID.flatMap { Int($0) } ?? 0
        let ticks = Ticks(
            first: (0..<Ticks.maxNumber).contains(last) ? last + 1 : 1, count: count,
            interval: .milliseconds(interval))
        var events = try await response.events()
        try await events.run(heartbeat: .milliseconds(heartbeat), over: ticks)
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
