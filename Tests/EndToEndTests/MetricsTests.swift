import HTTPEngine
import Presentation
import Synchronization
import Syscalls
import TestSupport
import Testing

@testable import Sluice

/// Metrics of a server against what its clients know that they have done.
@Suite(.onEveryEngine) struct MetricsTests {
    private static func server(registry: MetricsRegistry = MetricsRegistry()) throws
        -> MeteredServer
    {
        try MeteredServer(registry: registry) { router in
            router.get("/") { _, response in response.send("Hello, World!") }
            router.get("/users/{id}") { _, response in response.send("a user") }
            router.post("/users") { _, response in response.status = .created }
            router.get("/later") { _, response in
                await Task.yield()
                response.send("later")
            }
            router.get("/failing") { _, _ in throw Failure() }
        }
    }

    private struct Failure: Error {}

    /// Requests of one connection, in order, and how they are counted.
    private static let requests: [(head: String, method: String, route: String, code: String)] = [
        ("GET / HTTP/1.1", "GET", "/", "200"),
        ("GET /?a=b HTTP/1.1", "GET", "/", "200"),
        ("HEAD / HTTP/1.1", "GET", "/", "200"),
        ("GET /users/1 HTTP/1.1", "GET", "/users/{id}", "200"),
        ("GET /users/2 HTTP/1.1", "GET", "/users/{id}", "200"),
        ("POST /users HTTP/1.1\r\nContent-Length: 3", "POST", "/users", "201"),
        ("GET /later HTTP/1.1", "GET", "/later", "200"),
        ("GET /failing HTTP/1.1", "GET", "/failing", "500"),
        ("GET /nowhere HTTP/1.1", "-", "unmatched", "404"),
        ("DELETE /users HTTP/1.1", "-", "unmatched", "405"),
        ("BREW / HTTP/1.1", "-", "unmatched", "501"),
        ("GET  / HTTP/1.1", "-", "request/malformed", "400"),
    ]

    private static func sendAll(to server: MeteredServer) throws {
        let client = try RawClient(port: server.port)
        for request in requests {
            let body = request.method == "POST" ? "abc" : ""
            try client.send("\(request.head)\r\nHost: a\r\n\r\n\(body)")
            _ = try client.response(to: request.head.hasPrefix("HEAD") ? "HEAD" : "GET")
        }
        try server.wait(forRequests: requests.count)
    }

    @Test func `a task that is under way is counted, and no longer when it has ended`() throws {
        let gate = Gate()
        let server = try MeteredServer { router in
            router.get("/held") { _, response in
                await gate.wait()
                response.send("held")
            }
        }
        try server.run {
            let client = try RawClient(port: server.port)
            try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try server.wait(until: "a task is counted") {
                server.inside.statistics.snapshot()[.tasks] == 1
            }
            gate.open()
            #expect(try client.response().text == "held")
            try server.wait(until: "no task is counted") {
                server.inside.statistics.snapshot()[.tasks] == 0
            }
        }
    }

    @Test(arguments: [false, true])
    func `Prometheus is told what was asked`(asOpenMetrics: Bool) throws {
        let server = try Self.server()
        try server.run {
            try Self.sendAll(to: server)
            let accept = asOpenMetrics ? "application/openmetrics-text" : "*/*"
            let answer = try server.get("/metrics", "Accept: \(accept)")
            let page = try MetricsText(answer.text, asOpenMetrics ? .openMetrics : .text)
            let counts = Dictionary(grouping: Self.requests) { request in
                [request.method, request.route, request.code]
            }
            for (key, requests) in counts {
                let labels = ["method": key[0], "route": key[1], "code": key[2]]
                let value = try page.value("sluice_http_requests_total", labels)
                #expect(value == Double(requests.count), "\(key)")
            }
            let name = asOpenMetrics ? "sluice_http_requests" : "sluice_http_requests_total"
            #expect(try page.family(name).samples.count == counts.count)
            let root = ["method": "GET", "route": "/"]
            let prefix = "sluice_http_request_duration_seconds"
            #expect(try page.value("\(prefix)_count", root) == 3)
            #expect(try page.value("\(prefix)_sum", root) > 0)
            #expect(
                try page.value("sluice_http_rejected_requests_total", ["reason": "malformed"]) == 1)
            // All but the first; the one that is malformed is no request.
            let reused = try page.value("sluice_http_requests_on_reused_connections_total")
            #expect(reused >= Double(Self.requests.count - 2))
            #expect(try page.value("sluice_connections_accepted_total") >= 2)
            #expect(try page.value("sluice_phase", ["phase": "running"]) == 1)
        }
    }

    @Test func `the table is told what was asked`() throws {
        let server = try Self.server()
        try server.run {
            try Self.sendAll(to: server)
            let table = try JSONParser.parse(try server.get("/_metrics").body)
            #expect(table["total_requests"]?.integer == Self.requests.count)
            let codes = Dictionary(grouping: Self.requests, by: \.code)
            #expect(table["status_counts"]?.members?.count == codes.count)
            for (code, requests) in codes {
                #expect(table["status_counts"]?[code]?.integer == requests.count, "\(code)")
            }
            let routes = table["requests_by_route"]
            #expect(routes?["GET /"]?.integer == 3)
            #expect(routes?["GET /users/{id}"]?.integer == 2)
            #expect(routes?["request/malformed"]?.integer == 1)
            #expect(table["status_by_route"]?["GET /failing"]?["500"]?.integer == 1)
            #expect(table["error_counts_by_class"]?["dispatch"]?.integer == 1)
            #expect(table["error_counts_by_class"]?["parse"]?.integer == 1)
            #expect(table["latency_by_route_ms"]?["GET /"]?["p99"]?.double ?? 0 > 0)
            let buckets = table["latency_buckets_ms"]?.members?.compactMap(\.value.integer) ?? []
            #expect(buckets.reduce(0, +) == Self.requests.count)
            #expect(table["bytes_sent_total"]?.integer ?? 0 > 1_000)
            #expect(table["open_connections"]?.integer ?? 0 >= 1)
            #expect(table["drain_state"]?.string == "running")
            #expect(table["engine"]?.string == EngineUnderTest.current.rawValue)
        }
    }

    @Test func `a request that waits is in flight`() throws {
        let gate = Gate()
        let server = try MeteredServer { router in
            router.get("/held") { _, response in
                await gate.wait()
                response.send("done")
            }
        }
        try server.run {
            defer { gate.open() }
            let client = try RawClient(port: server.port)
            try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            // It has not come yet in the first of these.
            let deadline = MonotonicClock.now() + RawClient.patience
            var table = JSONValue.null
            repeat {
                table = try JSONParser.parse(try server.get("/_metrics").body)
            } while table["inflight_requests"]?.integer == 0 && MonotonicClock.now() < deadline
            #expect(table["inflight_requests"]?.integer == 1)
            #expect(table["active_connections"]?.integer ?? 0 >= 1)
            #expect(table["requests_by_route"]?["GET /held"] == nil)
            gate.open()
            #expect(try client.response().text == "done")
        }
    }

    @Test func `bytes are those of the wire`() throws {
        let server = try Self.server()
        try server.run {
            let client = try RawClient(port: server.port)
            let request = "POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
            try client.send(request)
            _ = try client.response()
            try server.wait(forRequests: 1)
            let page = try MetricsText(try server.get("/metrics").text, .text)
            let labels = ["method": "POST", "route": "/users"]
            let received = try page.value("sluice_http_request_bytes_total", labels)
            #expect(received == Double(request.utf8.count))
            #expect(try page.value("sluice_http_response_bytes_total", labels) > 40)
        }
    }

    @Test func `pages hold while requests come, and none is lost`() throws {
        let server = try Self.server()
        try server.run {
            let (bursts, perBurst) = (50, 16)
            let failure = Mutex<(any Error)?>(nil)
            let load = try Thread(name: "load") {
                do {
                    let client = try RawClient(port: server.port)
                    let burst = String(
                        repeating: "GET /users/7 HTTP/1.1\r\nHost: a\r\n\r\n", count: perBurst)
                    for _ in 0..<bursts {
                        try client.send(burst)
                        _ = try client.responses(perBurst)
                    }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
            let labels = ["route": "/users/{id}"]
            var last = 0.0
            for _ in 0..<10 {
                let page = try MetricsText(try server.get("/metrics").text, .text)
                let family = try page.family("sluice_http_requests_total")
                let found = family.samples.first { $0.labels["route"] == labels["route"] }
                let now = found?.value ?? 0
                #expect(now >= last)
                last = now
                _ = try JSONParser.parse(try server.get("/_metrics").body)
            }
            load.join()
            if let failure = failure.withLock({ $0 }) { throw failure }
            // 20 pages have been asked for beside.
            try server.wait(forRequests: bursts * perBurst + 20)
            let page = try MetricsText(try server.get("/metrics").text, .text)
            let count = try page.value("sluice_http_requests_total", labels)
            #expect(count == Double(bursts * perBurst))
        }
    }
}
