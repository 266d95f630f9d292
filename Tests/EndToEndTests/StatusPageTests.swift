import Foundation
import Sluice
import TestSupport
import Testing

/// The status pages of a server that serves.
@Suite(.onEveryEngine) struct StatusPageTests {
    private static let pages = [
        "/_status", "/_status/connections", "/_status/vars", "/_status/routes", "/_status/slow",
        "/_status/threads", "/_status/config", "/_status/health", "/_status/version",
        "/_dashboard",
    ]

    private static func withStatus(
        _ options: StatusOptions = StatusOptions(version: "test 1"),
        _ body: (RunningServer) throws -> Void
    ) throws {
        var router = Router()
        router.get("/users/{id}", limits: .maxConcurrent(9)) { _, response in response.send("u") }
        router.get("/broken") { _, _ in throw HTTPError(.serviceUnavailable) }
        try withServer(router, { $0.status = options }, body)
    }

    private func page(
        _ running: RunningServer, _ target: String, _ fields: [String] = []
    ) throws -> RawResponse {
        let client = try running.client()
        let lines = ["GET \(target) HTTP/1.1", "Host: localhost"] + fields
        try client.send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
        return try client.response()
    }

    private func json(_ running: RunningServer, _ target: String) throws -> [String: Any] {
        let response = try page(running, target, ["Accept: application/json"])
        #expect(response.status == 200)
        let value = try JSONSerialization.jsonObject(with: Data(response.body))
        return try #require(value as? [String: Any])
    }

    /// A page as JSON, asked for until it is as it should be.
    private func page(
        _ running: RunningServer, _ target: String, until isRight: ([String: Any]) -> Bool
    ) throws -> [String: Any] {
        let deadline = ContinuousClock.now + .nanoseconds(Int64(RawClient.patience))
        while true {
            let value = try json(running, target)
            if isRight(value) { return value }
            guard ContinuousClock.now < deadline else {
                throw ClientFailure("\(target) stays as it is: \(value)")
            }
        }
    }

    @Test(arguments: pages)
    func `every page is there for this machine, in every form, and for nobody else`(
        path: String
    ) throws {
        try Self.withStatus { running in
            let text = try page(running, path, ["User-Agent: curl/8.5.0", "Accept: */*"])
            #expect(text.status == 200)
            #expect(text.values("Cache-Control") == ["no-store"])
            let isHTMLOnly = path == "/_dashboard"
            #expect(
                text.values("Content-Type")
                    == [isHTMLOnly ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"])
            let html = try page(running, path, ["User-Agent: Mozilla/5.0", "Accept: text/html"])
            #expect(html.status == 200)
            if path != "/_status/health" {
                #expect(html.text.hasPrefix("<!DOCTYPE html>"))
                let policy = try #require(html.values("Content-Security-Policy").first)
                let nonce = try #require(policy.firstMatch(of: /nonce-([0-9a-f]{32})/)).1
                #expect(html.text.contains("nonce=\"\(nonce)\""))
                #expect(!html.text.contains("//example"))
                #expect(!html.text.contains(/(src|href)="?(https?:)?\/\//))
            }
            if !isHTMLOnly { _ = try json(running, path) }
            #expect(try ask(running, "GET \(path)").status == 404)
            let proxied = try page(running, path, ["X-Forwarded-For: 127.0.0.1"])
            #expect(proxied.status == 404)
        }
    }

    @Test func `the overview counts what was asked for, by route`() throws {
        try Self.withStatus { running in
            for id in 1...7 { #expect(try ask(running, "GET /users/\(id)").status == 200) }
            for _ in 1...2 { #expect(try ask(running, "GET /broken").status == 503) }
            #expect(try ask(running, "GET /nowhere").status == 404)
            // What a client has read is counted soon after.
            let status = try page(running, "/_status") { status in
                Self.route("GET /users/{id}", in: status)?["count"] as? Int == 7
                    && Self.route("GET /broken", in: status)?["server_errors"] as? Int == 2
                    && Self.route("unmatched", in: status)?["client_errors"] as? Int == 1
            }
            #expect(status["version"] as? String == "test 1")
            #expect(status["engine"] as? String == EngineUnderTest.current.rawValue)
            #expect(status["state"] as? String == "running")
            let requests = try #require(status["requests"] as? [String: Any])
            #expect(requests["total"] as? Int ?? 0 >= 10)
            #expect(requests["server_errors"] as? Int == 2)
            #expect(requests["client_errors"] as? Int == 1)
            #expect(Self.route("GET /users/1", in: status) == nil)
        }
    }

    private static func route(_ name: String, in status: [String: Any]) -> [String: Any]? {
        let routes = status["routes"] as? [[String: Any]]
        return routes?.first { $0["route"] as? String == name }
    }

    @Test func `the table of connections shows who is there`() throws {
        try Self.withStatus { running in
            let client = try running.client()
            try client.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.response()
            var own: [String: Any] = [:]
            _ = try page(running, "/_status/connections") { table in
                let rows = table["connections"] as? [[String: Any]]
                own =
                    rows?.first { $0["requests"] as? Int == 1 && $0["state"] as? String == "idle" }
                    ?? [:]
                return !own.isEmpty
            }
            #expect((own["remote"] as? String)?.hasPrefix("127.0.0.1:") ?? false)
            #expect(own["sent_bytes"] as? Int ?? 0 > 50)
            for limit in ["0", "5000", "x"] {
                let target = "/_status/connections?limit=\(limit)"
                #expect(try page(running, target).status == 400)
            }
        }
    }

    @Test func `variables are found by names and patterns`() throws {
        try Self.withStatus { running in
            let one = try page(running, "/_status/vars/server_state")
            #expect(one.text == "server_state : running\n")
            let some = try page(running, "/_status/vars/server_e*,connections_$dle")
            #expect(
                some.text.split(separator: "\n").map { $0.prefix { $0 != " " } }
                    == ["connections_idle", "server_engine"])
            #expect(try page(running, "/_status/vars/no_such").status == 404)
            #expect(try page(running, "/_status/vars/no_such*").text.isEmpty)
            let series = try json(running, "/_status/vars/requests_total?series")
            let values = try #require(series["requests_total"] as? [String: Any])
            #expect(values["seconds"] is [Any])
            #expect(values["minutes"] is [Any])
        }
    }

    @Test func `routes are listed with their limits, these pages among them`() throws {
        try Self.withStatus { running in
            let table = try json(running, "/_status/routes")
            let routes = try #require(table["routes"] as? [[String: Any]])
            let users = try #require(routes.first { $0["pattern"] as? String == "/users/{id}" })
            #expect(users["method"] as? String == "GET")
            #expect(users["max_concurrent"] as? Int == 9)
            #expect(routes.contains { $0["pattern"] as? String == "/_dashboard" })
        }
    }

    @Test func `slow requests are listed, and without a threshold none is`() throws {
        try Self.withStatus(StatusOptions(slowRequestThreshold: .zero)) { running in
            _ = try ask(running, "GET /users/7?token=secret")
            let slow = try page(running, "/_status/slow") { slow in
                let rows = slow["slow"] as? [[String: Any]]
                return rows?.contains { $0["route"] as? String == "GET /users/{id}" } ?? false
            }
            #expect(!"\(slow)".contains("secret"))
        }
        try Self.withStatus(StatusOptions(slowRequestThreshold: nil)) { running in
            _ = try ask(running, "GET /users/7")
            let text = try page(running, "/_status/slow").text
            #expect(!text.contains("/users"))
        }
    }

    @Test func `health is OK while the server runs, and 503 while it drains`() throws {
        try Self.withStatus { running in
            let late = try running.client()
            try late.send("GET /_status/health HTTP/1.1\r\n")
            #expect(try page(running, "/_status/health").text == "OK\n")
            running.server.drain()
            try running.wait(for: .draining)
            try late.send("Host: localhost\r\n\r\n")
            #expect(try late.response().status == 503)
        }
    }
}

/// The live dashboard of a server that serves.
@Suite(.onEveryEngine) struct DashboardTests {
    private static func events(_ client: RawClient) throws {
        try client.send("GET /_dashboard/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    }

    private static func waitFor(_ text: String, _ client: RawClient) throws -> String {
        var seen = ""
        while !seen.contains(text) {
            let bytes = try client.takeBytes()
            guard !bytes.isEmpty else { throw ClientFailure("the stream has ended: \(seen)") }
            seen += String(decoding: bytes, as: UTF8.self)
        }
        return seen
    }

    @Test func `a stream says what the server is, was, and does each second`() throws {
        var router = Router()
        router.get("/") { _, response in response.send("a") }
        try withServer(router, { $0.status = StatusOptions(version: "test 1") }) { running in
            let client = try running.client()
            try Self.events(client)
            var seen = try Self.waitFor("event: history", client)
            #expect(seen.contains("text/event-stream"))
            #expect(seen.contains("event: hello"))
            #expect(seen.contains("\"version\":\"test 1\""))
            #expect(try ask(running, "GET /").status == 200)
            seen = try Self.waitFor("\"route\":\"GET /\"", client)
            #expect(seen.contains("event: frame"))
            #expect(seen.contains("\"state\":\"running\""))
            #expect(seen.contains("\"in_flight\":0"))
        }
    }

    @Test func `a drain ends the stream, which says so, and is not held up by it`() throws {
        try withServer(Router(), { $0.status = StatusOptions() }) { running in
            let client = try running.client()
            try Self.events(client)
            _ = try Self.waitFor("event: frame", client)
            running.server.drain()
            let (bytes, ending) = try client.rest()
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("event: end"))
            #expect(text.contains("\"state\":\"draining\""))
            #expect(ending == .finished)
            #expect(try running.outcome().forcedConnections == 0)
        }
    }

    @Test func `sixteen dashboards are fed, and the next hears 503`() throws {
        // As many workers as streams, and some more: in the thread pool a stream holds one.
        try withServer(Router()) { configuration in
            configuration.status = StatusOptions()
            configuration.workers = 20
        } _: { running in
            let clients = try (0..<16).map { _ in try running.client() }
            for client in clients {
                try Self.events(client)
                _ = try Self.waitFor("event: history", client)
            }
            let next = try running.client()
            try Self.events(next)
            let response = try next.response()
            #expect(response.status == 503)
            #expect(response.values("Retry-After") == ["1"])
        }
    }
}
