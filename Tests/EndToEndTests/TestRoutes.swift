import Sluice

/// Routes for the tests of the protocol: those of the executable, and answers of each kind.
enum TestRoutes {
    static func router() -> Router {
        var router = Router()
        router.get("/") { _, response in response.send("Hello, World!") }
        router.post("/submit") { request, response in response.send(request.body) }
        router.get("/path") { request, response in response.send(request.path) }
        router.get("/empty") { _, _ in }
        router.get("/204") { _, response in
            response.send("not for you")
            response.status = .noContent
        }
        router.get("/304") { _, response in
            response.send("not for you")
            response.status = .notModified
        }
        router.get("/stream") { _, response in
            response.stream(Pieces(count: 5, byteCount: 1_000))
        }
        router.get("/long") { _, response in
            response.stream(Pieces(count: 400, byteCount: 16_384))
        }
        router.get("/big") { _, response in
            response.append(String(repeating: "x", count: 65_536))
        }
        return router
    }
}

/// So many pieces of so many bytes; each piece repeats one letter.
struct Pieces: StreamedBody {
    let count: Int
    let byteCount: Int
    private var made = 0

    init(count: Int, byteCount: Int) {
        self.count = count
        self.byteCount = byteCount
    }

    mutating func next() -> [UInt8]? {
        guard made < count else { return nil }
        defer { made += 1 }
        return Array(repeating: UInt8(ascii: "a") + UInt8(made % 26), count: byteCount)
    }
}
