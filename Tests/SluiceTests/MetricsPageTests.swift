import Foundation
import HTTPEngine
import Presentation
import TestSupport
import Testing

@testable import Sluice

@Suite struct MetricsPageTests {
    static let formats: [(MetricsFormat, MetricsText.Format)] = [
        (.text, .text), (.openMetrics, .openMetrics),
    ]

    static func text(
        _ format: MetricsFormat, _ requests: RequestMetrics?,
        registry: MetricsRegistry = MetricsRegistry()
    ) -> String {
        MadeUpMetrics.read(
            MetricsPage.body(format, of: MadeUpMetrics.source(requests, registry: registry))
        ).text
    }

    @Test(arguments: [0, 1])
    func `a page is what its format says, and has every family once`(index: Int) throws {
        let (format, parsed) = Self.formats[index]
        let page = try MetricsText(
            Self.text(format, MadeUpMetrics.requests(routeCount: 5)), parsed)
        #expect(page.families.count > 30)
        #expect(page.families.allSatisfy { !$0.help.isEmpty && !$0.samples.isEmpty })
    }

    @Test(arguments: [0, 1])
    func `routes are told apart by template, status and class`(index: Int) throws {
        let (format, parsed) = Self.formats[index]
        let page = try MetricsText(
            Self.text(format, MadeUpMetrics.requests(routeCount: 4)), parsed)
        let route = ["method": "GET", "route": "/api/resource-4/{id}"]
        func value(_ name: String, _ more: [String: String] = [:]) throws -> Double {
            try page.value("sluice_http_\(name)", route.merging(more) { $1 })
        }
        #expect(try value("requests_total", ["code": "200", "class": "2xx"]) == 3)
        #expect(try value("requests_total", ["code": "500", "class": "5xx"]) == 1)
        #expect(try value("request_bytes_total") == 400)
        #expect(try value("response_bytes_total") == 800)
        #expect(try value("request_duration_seconds_bucket", ["le": "0.0025"]) == 0)
        #expect(try value("request_duration_seconds_bucket", ["le": "0.005"]) == 4)
        #expect(try value("request_duration_seconds_count") == 4)
        #expect(abs(try value("request_duration_seconds_sum") - 0.012) < 1e-9)
    }

    @Test func `what the engine counts is told`() throws {
        let page = try MetricsText(Self.text(.text, nil), .text)
        #expect(try page.value("sluice_connections", ["state": "answering"]) == 2)
        #expect(try page.value("sluice_connections", ["state": "closing"]) == 0)
        #expect(try page.value("sluice_http_requests_in_flight") == 3)
        #expect(try page.value("sluice_connections_accepted_total") == 1_000)
        #expect(
            try page.value("sluice_connections_rejected_total", ["reason": "overload"]) == 1_001)
        #expect(try page.value("sluice_write_errors_total", ["error": "EPIPE"]) == 4)
        #expect(try page.value("sluice_phase", ["phase": "draining"]) == 1)
        #expect(try page.value("sluice_phase", ["phase": "running"]) == 0)
        #expect(try page.value("sluice_drain_elapsed_seconds") == 1.5)
        #expect(try page.value("sluice_pipeline_depth_bucket", ["le": "1.0"]) == 0)
        #expect(try page.value("sluice_pipeline_depth_bucket", ["le": "8.0"]) == 6)
        #expect(try page.value("sluice_turn_duration_seconds_bucket", ["le": "2.5e-05"]) == 1)
        #expect(try page.value("sluice_offload_jobs_pending", ["state": "queued"]) == 3)
        #expect(try page.value("sluice_access_log_dropped_lines_total") == 7)
        #expect(try page.value("process_open_fds") == 12)
        #expect(try page.value("process_cpu_seconds_total") > 0)
        let labels = ["version": "1.2.3", "engine": "reactor", "instance_id": "a\"1"]
        #expect(try page.value("sluice_build_info", labels) == 1)
    }

    @Test func `refused and interrupted requests are told by their reasons`() throws {
        let requests = RequestMetrics(labels: [], threadCount: 1)
        let shard = requests.shard(0)
        shard.record(RequestMetricsTests.exchange(label: 0, status: 400, failure: .malformed))
        shard.record(RequestMetricsTests.exchange(label: 0, status: 0, failure: .clientGone))
        let page = try MetricsText(Self.text(.text, requests), .text)
        let (rejected, interrupted) = (
            "sluice_http_rejected_requests_total", "sluice_http_interrupted_requests_total"
        )
        #expect(try page.value(rejected, ["reason": "malformed"]) == 1)
        #expect(try page.value(rejected, ["reason": "draining"]) == 0)
        #expect(try page.value(interrupted, ["reason": "client_gone"]) == 1)
        let route = ["route": "request/malformed", "method": "-"]
        #expect(try page.value("sluice_http_requests_total", route) == 1)
    }

    @Test(arguments: [0, 1])
    func `names that need it are escaped`(index: Int) throws {
        let (format, parsed) = Self.formats[index]
        let pattern = "/a\"b\\c\nd/{é}"
        let requests = RequestMetrics(
            labels: [RouteLabel(method: "GET", pattern: pattern)], threadCount: 1)
        requests.shard(0).record(RequestMetricsTests.exchange(label: 1, status: 200))
        let registry = MetricsRegistry()
        _ = try registry.counter("odd", help: "A \"help\" with a \\ and\ntwo lines.")
        let page = try MetricsText(Self.text(format, requests, registry: registry), parsed)
        #expect(try page.value("sluice_http_requests_total", ["route": pattern]) == 1)
    }

    @Test func `units are told where OpenMetrics has a word for them`() throws {
        let page = try MetricsText(
            Self.text(.openMetrics, MadeUpMetrics.requests(routeCount: 1)), .openMetrics)
        #expect(try page.family("sluice_http_request_duration_seconds").unit == "seconds")
        #expect(try page.family("sluice_sent_bytes").unit == "bytes")
        #expect(try page.family("sluice_build").type == "info")
    }

    @Test func `as JSON there is a sample each, with tags, unit and value`() throws {
        let text = Self.text(.json, MadeUpMetrics.requests(routeCount: 3))
        let samples = try #require(try JSONParser.parse(Array(text.utf8)).array)
        for sample in samples {
            #expect(sample.members?.map(\.name) == ["tags", "unit", "value"])
            #expect(sample["unit"]?.string?.isEmpty == false)
        }
        func sample(_ metric: String, _ tags: [String: String] = [:]) throws -> JSONValue {
            try #require(
                samples.first { sample in
                    sample["tags"]?["metric"]?.string == metric
                        && tags.allSatisfy { sample["tags"]?[$0.key]?.string == $0.value }
                })
        }
        let requests = try sample("http_requests_total", ["route": "/api/resource-3/{id}"])
        #expect(requests["value"]?.integer == 3)
        #expect(requests["unit"]?.string == "requests")
        #expect(requests["tags"]?["method"]?.string == "GET")
        #expect(try sample("process_open_fds")["value"]?.integer == 12)
        #expect(try sample("drain_elapsed_seconds")["unit"]?.string == "seconds")
    }

    @Test func `a page about a thousand routes is made in slices`() throws {
        let requests = MadeUpMetrics.requests(routeCount: 1_000)
        let source = MadeUpMetrics.source(requests)
        for format in [MetricsFormat.text, .json] {
            let (text, slices) = MadeUpMetrics.read(MetricsPage.body(format, of: source))
            #expect(slices.reduce(0, +) == text.utf8.count)
            #expect(slices.count > 40)
            // The last item may reach beyond the bound.
            let largest = try #require(slices.max())
            #expect(largest < SlicedPage.sliceByteCount + 8_192)
        }
        let text = MadeUpMetrics.read(MetricsPage.body(.text, of: source)).text
        let counts = text.split(separator: "\n").filter {
            $0.hasPrefix("sluice_http_request_duration_seconds_count")
        }
        #expect(Set(counts).count == 1_000)
    }

    /// `promtool` is Debian's `prometheus`.
    static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: promtool != nil, "promtool is not installed"))
    func `promtool has nothing to say against it`() throws {
        let registry = MetricsRegistry()
        let sizes = try registry.histograms("upload_size_bytes", help: "Sizes.", labels: ["kind"])
        sizes["a\"b"].observe(3)
        let text = Self.text(.text, MadeUpMetrics.requests(routeCount: 20), registry: registry)
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("sluice-metrics-\(UUID().uuidString)")
        try text.write(to: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let promtool = try #require(Self.promtool)
        let check = try ChildProcess(
            "/bin/sh", ["-c", "\"$0\" check metrics < \"$1\"", promtool, file.path])
        let finished = try check.wait()
        #expect(finished.code == 0, "\(finished.output)\(finished.error)")
        #expect(finished.output.isEmpty && finished.error.isEmpty)
    }
}
