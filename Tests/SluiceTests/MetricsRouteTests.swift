import Presentation
import Syscalls
import TestSupport
import Testing

@testable import Sluice

/// The routes on a server, with numbers that are made up.
@Suite struct MetricsRouteTests {
    static func withMetrics(_ body: (RunningServer) throws -> Void) throws {
        var router = Router()
        let source = MadeUpMetrics.source(MadeUpMetrics.requests(routeCount: 100))
        addMetricsRoutes(to: &router, source, start: MonotonicClock.now())
        try withServer(router, { _ in }, body)
    }

    static let text = "text/plain; version=0.0.4; charset=utf-8"
    static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    @Test(arguments: [
        ("*/*", text), ("text/html", text), ("text/plain", text),
        ("application/openmetrics-text", openMetrics),
        ("application/openmetrics-text;version=0.0.1", text),
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", openMetrics
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2", openMetrics
        ),
        ("application/openmetrics-text;q=0.3,text/plain;q=0.5", text),
    ])
    func `Accept chooses between the two formats`(accept: String, type: String) throws {
        try Self.withMetrics { running in
            let answer = try ask(running, "GET /metrics HTTP/1.1", "Accept: \(accept)")
            #expect(answer.status == 200)
            #expect(answer["Content-Type"] == type)
            #expect(answer["Vary"] == "Accept")
            #expect(answer["Cache-Control"] == "no-store")
            let format = type == Self.text ? MetricsText.Format.text : .openMetrics
            #expect(try MetricsText(answer.text, format).families.count > 30)
        }
    }

    @Test func `the type chooses JSON and the few, any other is Prometheus`() throws {
        try Self.withMetrics { running in
            let json = try ask(running, "GET /metrics?type=json HTTP/1.1")
            #expect(json["Content-Type"] == "application/json")
            #expect(try JSONParser.parse(json.body).array?.isEmpty == false)
            let core = try ask(running, "GET /metrics?type=core HTTP/1.1")
            #expect(core["Content-Type"] == "text/plain; charset=utf-8")
            let lines = core.text.split(separator: "\n")
            #expect(lines.count == 7)
            #expect(lines.contains("sluice_process_fd_num_used LONG 12"))
            #expect(lines.allSatisfy { $0.wholeMatch(of: /sluice_[a-z_]+ LONG [0-9]+/) != nil })
            let other = try ask(running, "GET /metrics?type=other HTTP/1.1")
            #expect(other["Content-Type"] == Self.text)
        }
    }

    @Test func `the table is JSON, and HEAD has no body`() throws {
        try Self.withMetrics { running in
            let table = try ask(running, "GET /_metrics HTTP/1.1")
            #expect(table["Content-Type"] == "application/json")
            let total = try JSONParser.parse(table.body)["total_requests"]?.integer
            #expect(total == 1 + 2 + 3 + 97 * 4)
            for path in ["/metrics", "/_metrics"] {
                let head = try ask(running, "HEAD \(path) HTTP/1.1")
                #expect(head.status == 200 && head.body.isEmpty)
            }
        }
    }

    @Test func `rates of the few are those since the last look`() {
        let core = CoreMetrics(start: Instant(nanoseconds: 0))
        let scrape = MadeUpMetrics.scrape(nil)
        // 1,005 bytes sent and 1,004 received in the first second.
        let first = core.text(scrape, at: Instant(nanoseconds: 1_000_000_000))
        #expect(first.contains("sluice_max_network_send_bytes_rate LONG 1005\n"))
        #expect(first.contains("sluice_max_network_receive_bytes_rate LONG 1004\n"))
        let soon = core.text(scrape, at: Instant(nanoseconds: 1_500_000_000))
        #expect(soon == first)
        let later = core.text(scrape, at: Instant(nanoseconds: 3_000_000_000))
        #expect(later.contains("sluice_max_network_send_bytes_rate LONG 0\n"))
    }
}
