import Sluice
import TestSupport
import Testing

/// The thread pool, where a task holds its worker.
@Suite struct TaskPlaceTests {
    @Test(arguments: [(2, 1), (4, 3)])
    func `tasks may hold all workers but one`(workers: Int, places: Int) throws {
        let gate = Gate()
        let begun = Happening()
        var router = Router()
        router.get("/task") { _, response in
            begun.happens()
            await gate.wait()
            response.send("done")
        }
        router.get("/") { _, response in response.send("fine") }
        try withServer(router) {
            $0.engine = .threadPool
            $0.workers = workers
        } _: { running in
            let clients = try (0..<places).map { _ in try running.client() }
            for client in clients {
                try client.send("GET /task HTTP/1.1\r\nHost: a\r\n\r\n")
                try begun.await()
            }
            let other = try running.client()
            try other.send("GET /task HTTP/1.1\r\nHost: a\r\n\r\n")
            let refusal = try other.response()
            #expect(refusal.status == 503)
            #expect(refusal["Retry-After"] == "1")
            try other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try other.response().text == "fine")
            gate.open()
            for client in clients { #expect(try client.response().text == "done") }
        }
    }
}
