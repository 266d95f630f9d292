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
        router.get("/stream") { _, response in
            try response.setField("Content-Type", "text/plain; charset=utf-8")
            response.stream(CountedLines(count: 5))
        }
        router.post("/submit") { request, response in
            response.send(request.body)
        }
        return router
    }
}

/// `chunk 1 of 5` and so on, each sent as soon as the client has taken the one before.
private struct CountedLines: StreamedBody {
    let count: Int
    private var made = 0

    init(count: Int) {
        self.count = count
    }

    mutating func next() -> [UInt8]? {
        guard made < count else { return nil }
        made += 1
        return Array("chunk \(made) of \(count)\n".utf8)
    }
}
