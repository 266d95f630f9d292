import HTTPEngine
import Presentation
import TestSupport
import Testing

@testable import Sluice

@Suite struct MetricsTableTests {
    static func table(_ requests: RequestMetrics?) throws -> JSONValue {
        let text = MadeUpMetrics.read(MetricsTable.body(of: MadeUpMetrics.source(requests))).text
        return try JSONParser.parse(Array(text.utf8))
    }

    @Test func `all keys are there, in order`() throws {
        for requests in [nil, MadeUpMetrics.requests(routeCount: 3)] {
            let table = try Self.table(requests)
            #expect(
                table.members?.map(\.name) == [
                    "active_connections", "bytes_sent_total", "drain_elapsed_ms",
                    "drain_inflight_remaining", "drain_state", "engine", "error_counts_by_class",
                    "inflight_requests", "latency_buckets_ms", "latency_by_route_ms",
                    "latency_p99_ms", "open_connections", "read_errors_by_type",
                    "request_trace_id", "requests_by_route", "requests_reused_connection",
                    "status_by_route", "status_counts", "total_requests", "write_errors_by_type",
                ])
        }
    }

    @Test func `what the engine counts is told`() throws {
        let table = try Self.table(nil)
        #expect(table["active_connections"]?.integer == 3)
        #expect(table["open_connections"]?.integer == 8)
        #expect(table["inflight_requests"]?.integer == 3)
        #expect(table["drain_inflight_remaining"]?.integer == 3)
        #expect(table["drain_state"]?.string == "draining")
        #expect(table["drain_elapsed_ms"]?.double == 1_500)
        #expect(table["engine"]?.string == "reactor")
        #expect(table["read_errors_by_type"]?.compactText == #"{"ECONNRESET":3}"#)
        #expect(table["write_errors_by_type"]?.compactText == #"{"ECONNRESET":1,"EPIPE":4}"#)
        #expect(table["total_requests"]?.integer == 0)
        #expect(table["request_trace_id"] == .null)
    }

    @Test func `requests are told by route, status and latency`() throws {
        let requests = MadeUpMetrics.requests(routeCount: 4)
        requests.noteTraceID("4bf92f3577b34da6a3ce929d0e0e4736")
        let shard = requests.shard(0)
        shard.record(
            RequestMetricsTests.exchange(
                label: 4, status: 404, nanoseconds: 6_000_000_000, ordinal: 2))
        shard.record(RequestMetricsTests.exchange(label: 0, status: 431, failure: .headTooLarge))
        let table = try Self.table(requests)
        #expect(table["total_requests"]?.integer == 12)
        #expect(table["requests_reused_connection"]?.integer == 1)
        #expect(table["status_counts"]?.compactText == #"{"200":9,"404":1,"431":1,"500":1}"#)
        let route = "GET /api/resource-4/{id}"
        #expect(table["requests_by_route"]?[route]?.integer == 5)
        #expect(table["requests_by_route"]?["request/header_too_large"]?.integer == 1)
        #expect(
            table["status_by_route"]?[route]?.compactText == #"{"200":3,"404":1,"500":1}"#)
        #expect(table["request_trace_id"]?.string == "4bf92f3577b34da6a3ce929d0e0e4736")
        let classes = #"{"dispatch":1,"parse":1,"read":3,"tls_handshake":0,"write":5}"#
        #expect(table["error_counts_by_class"]?.compactText == classes)
        let latencies = try #require(table["latency_by_route_ms"]?[route])
        #expect(latencies.members?.map(\.name) == ["p50", "p95", "p99"])
        // 3 ms is in the bucket from 2.5 to 3.2.
        let median = try #require(latencies["p50"]?.double)
        #expect(median > 2.5 && median < 3.2)
        #expect(try #require(latencies["p99"]?.double) > 5_000)
        #expect(try #require(table["latency_p99_ms"]?.double) > 5_000)
    }

    @Test func `each latency is in one bucket`() throws {
        let requests = RequestMetrics(labels: RequestMetricsTests.labels, threadCount: 1)
        let shard = requests.shard(0)
        for milliseconds in [1, 5, 6, 10, 2_000, 2_001, 5_000, 5_001] as [UInt64] {
            shard.record(
                RequestMetricsTests.exchange(
                    label: 1, status: 200, nanoseconds: milliseconds * 1_000_000))
        }
        let buckets = try #require(try Self.table(requests)["latency_buckets_ms"])
        let counts = [
            "<= 5ms": 2, "<= 10ms": 2, "<= 25ms": 0, "<= 50ms": 0, "<= 100ms": 0, "<= 250ms": 0,
            "<= 500ms": 0, "<= 1000ms": 0, "<= 2000ms": 1, "<= 5000ms": 2, "> 5000ms": 1,
        ]
        #expect(buckets.members?.count == counts.count)
        for (name, count) in counts { #expect(buckets[name]?.integer == count, "\(name)") }
    }

    @Test func `routes are in order, whatever their number`() throws {
        let requests = MadeUpMetrics.requests(routeCount: 1_000)
        let page = MadeUpMetrics.read(MetricsTable.body(of: MadeUpMetrics.source(requests)))
        #expect(try #require(page.sliceByteCounts.max()) < SlicedPage.sliceByteCount + 1_024)
        let table = try JSONParser.parse(Array(page.text.utf8))
        for key in ["latency_by_route_ms", "requests_by_route", "status_by_route"] {
            let names = try #require(table[key]?.members?.map(\.name))
            #expect(names.count == 1_000)
            #expect(names == names.sorted())
        }
    }
}
