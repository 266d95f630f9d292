import Sluice
import TestSupport
import Testing

/// One limit for several routes.
@Suite(.onEveryEngine) struct ConcurrencyLimitTests {
    @Test func `routes share places, which are free again after errors and answers`() throws {
        let (released, release) = AsyncStream<Void>.makeStream()
        var router = Router()
        router.get("/outside") { _, response in response.send("free") }
        try router.group("/limited") { limited in
            try limited.use(ConcurrencyLimit(1, overloadStatus: .tooManyRequests))
            limited.get("/held") { _, response in
                try await response.write("held, ")
                for await _ in released { break }
                try await response.write("released")
            }
            limited.get("/") { _, response in response.send("quick") }
            limited.get("/failing") { _, _ in throw HTTPError(.conflict) }
        }
        try withServer(router) { running throws in
            for _ in 0..<3 {
                #expect(try ask(running, "GET /limited").text == "quick")
                #expect(try ask(running, "GET /limited/failing").status == 409)
            }
            let holder = try running.client()
            try holder.send("GET /limited/held HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try holder.hasNews(within: RawClient.patience))
            let refused = try ask(running, "GET /limited")
            #expect(refused.status == 429)
            #expect(refused["Retry-After"] == "1")
            #expect(try ask(running, "GET /outside").text == "free")
            release.yield()
            #expect(try holder.response().text == "held, released")
            #expect(try ask(running, "GET /limited").text == "quick")
        }
    }

    @Test func `limits nest, and each is given back`() throws {
        var router = Router()
        try router.use(ConcurrencyLimit(2))
        try router.group("/inner") { inner in
            try inner.use(ConcurrencyLimit(1))
            inner.get("/") { _, response in response.send("sync") }
            inner.post("/") { request, response in
                response.send("async \(request.body.count)")
            }
            inner.get("/none") { _, response in
                await Task.yield()
                throw HTTPError(.gone)
            }
        }
        try withServer(router) { running throws in
            for _ in 0..<5 {
                #expect(try ask(running, "GET /inner").text == "sync")
                #expect(try ask(running, "POST /inner", body: "abc").text == "async 3")
                #expect(try ask(running, "GET /inner/none").status == 410)
                #expect(try ask(running, "GET /nothing").status == 404)
            }
        }
    }

    @Test func `a place in an outer limit is kept as long as one in an inner`() throws {
        let (released, release) = AsyncStream<Void>.makeStream()
        var router = Router()
        try router.use(ConcurrencyLimit(1))
        router.get("/") { _, response in response.send("quick") }
        try router.group("/inner") { inner in
            try inner.use(ConcurrencyLimit(1))
            inner.get("/") { _, response in
                try await response.write("held, ")
                for await _ in released { break }
                try await response.write("released")
            }
        }
        try withServer(router) { running throws in
            let holder = try running.client()
            try holder.send("GET /inner HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try holder.hasNews(within: RawClient.patience))
            #expect(try ask(running, "GET /").status == 503)
            release.yield()
            #expect(try holder.response().text == "held, released")
            #expect(try ask(running, "GET /").text == "quick")
        }
    }

    @Test func `a limit that cannot be is an error at once`() {
        let zero = #expect(throws: InvalidMiddleware.self) { try ConcurrencyLimit(0) }
        #expect(
            zero?.description == "ConcurrencyLimit: maxConcurrent 0 is not in 1 ... 1000000")
        let status = #expect(throws: InvalidMiddleware.self) {
            try ConcurrencyLimit(1, overloadStatus: .forbidden)
        }
        #expect(
            status?.description == "ConcurrencyLimit: overloadStatus 403 is neither 503 nor 429")
    }
}
