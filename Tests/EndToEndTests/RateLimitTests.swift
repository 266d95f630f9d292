import Sluice
import Synchronization
import TestSupport
import Testing

/// How often one client may ask.
@Suite(.onEveryEngine) struct RateLimitTests {
    /// Nanoseconds that pass only when a test says so.
    final class Time: Sendable {
        private let now = Atomic<UInt64>(1_000_000_000_000)

        func pass(milliseconds: Int) {
            now.add(UInt64(milliseconds) * 1_000_000, ordering: .relaxed)
        }

        var nanoseconds: UInt64 { now.load(ordering: .relaxed) }
    }

    private static func router(
        _ time: Time, requests: Int = 2, per: Duration = .seconds(10), burst: Int? = 3,
        key: (@Sendable (borrowing Request) -> String?)? = nil
    ) throws -> Router {
        var router = Router()
        try router.use(
            RateLimit(
                requests: requests, per: per, burst: burst, key: key,
                now: { time.nanoseconds }))
        router.get("/") { _, response in response.send("a") }
        return router
    }

    @Test func `a burst goes at once, then requests come back one by one`() throws {
        let time = Time()
        try withServer(Self.router(time)) { running throws in
            for _ in 0..<3 { #expect(try ask(running, "GET /").status == 200) }
            // One comes back in 5 s; who asks before takes nothing.
            for (milliseconds, left) in [(0, "5"), (1, "5"), (999, "4"), (3_999, "1")] {
                time.pass(milliseconds: milliseconds)
                let refused = try ask(running, "GET /")
                #expect(refused.status == 429)
                #expect(refused["Retry-After"] == left)
            }
            time.pass(milliseconds: 1)
            #expect(try ask(running, "GET /").status == 200)
            #expect(try ask(running, "GET /nothing").status == 429)
            time.pass(milliseconds: 60_000)
            for status in [404, 404, 404, 429] {
                #expect(try ask(running, "GET /nothing").status == status)
            }
        }
    }

    @Test func `the burst is what comes back in a period unless it is told`() throws {
        let time = Time()
        try withServer(Self.router(time, requests: 5, burst: nil)) { running throws in
            for status in [200, 200, 200, 200, 200, 429] {
                #expect(try ask(running, "GET /").status == status)
            }
        }
    }

    @Test func `clients are told apart by address, of IPv6 by the network`() throws {
        let clients: [(String, Int)] = [
            ("192.0.2.1", 200), ("192.0.2.1", 429), ("192.0.2.2", 200),
            ("2001:db8:0:1::1", 200), ("2001:db8:0:1::2", 429), ("2001:db8:0:2::1", 200),
            ("::ffff:192.0.2.1", 429), ("0.0.0.0", 200), ("::", 200),
        ]
        try withServer(Self.router(Time(), burst: 1)) {
            $0.trustedProxies = [NetworkRange("127.0.0.1")!]
        } _: { running throws in
            for (client, status) in clients {
                let response = try ask(running, "GET /", ["X-Forwarded-For: \(client)"])
                #expect(response.status == status, "\(client)")
            }
        }
    }

    @Test func `a closure tells who a client is, and who is not limited`() throws {
        let router = try Self.router(Time(), burst: 1) { request in request.fields["X-Key"] }
        try withServer(router) { running throws in
            for (fields, status) in [
                (["X-Key: a"], 200), (["X-Key: a"], 429), (["X-Key: b"], 200), ([], 200), ([], 200),
            ] {
                #expect(try ask(running, "GET /", fields).status == status)
            }
        }
    }

    @Test func `a table that is full forgets the client who has asked least`() throws {
        // Eight places, which is the least.
        var router = Router()
        try router.use(
            RateLimit(
                requests: 1, per: .seconds(10), burst: 2, clients: 1,
                key: { $0.fields["X-Key"] }, now: { 1_000_000_000_000 }))
        router.get("/") { _, _ in }
        try withServer(router) { running throws in
            func status(_ client: Int) throws -> Int {
                try ask(running, "GET /", ["X-Key: \(client)"]).status
            }
            for client in 0..<8 { #expect(try status(client) == 200) }
            // All but the last have an empty bucket now.
            for client in 0..<7 { #expect(try status(client) == 200) }
            // It is the one in whose place others come.
            for client in 8..<20 { #expect(try status(client) == 200) }
            for client in 0..<7 { #expect(try status(client) == 429) }
        }
    }

    @Test(
        arguments: [
            (0, .seconds(1), 1, 1, "requests 0 is not in 1 ... 1,000,000"),
            (1, .seconds(0), 1, 1, "per 0.0 seconds is not in 1 ms ... 1 day"),
            (1, .seconds(86_401), 1, 1, "per 86401.0 seconds is not in 1 ms ... 1 day"),
            (1, .seconds(1), 0, 1, "burst 0 is not in 1 ... 1,000,000"),
            (1, .seconds(1), 1, 0, "clients 0 is not in 1 ... 16,777,216"),
            (
                1_000_000, .milliseconds(1), 1, 1,
                "1000000 requests per 0.001 seconds are more than one in a microsecond"
            ),
            (
                1, .seconds(86_400), 1_000_000, 1,
                "a burst of 1000000 at 1 requests per 86400.0 seconds would take more than a year to "
                    + "come back"
            ),
        ] as [(Int, Duration, Int, Int, String)])
    func `a rate that cannot be is an error at once`(
        requests: Int, per: Duration, burst: Int, clients: Int, description: String
    ) {
        let error = #expect(throws: InvalidMiddleware.self) {
            try RateLimit(requests: requests, per: per, burst: burst, clients: clients)
        }
        #expect(error?.description == "RateLimit: \(description)")
    }
}
