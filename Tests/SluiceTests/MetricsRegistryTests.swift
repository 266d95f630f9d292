import TestSupport
import Testing

@testable import Sluice

@Suite struct MetricsRegistryTests {
    @Test func `metrics of a program's own are on the page`() throws {
        let registry = MetricsRegistry()
        let jobs = try registry.counter("jobs_total", help: "Jobs that are done.")
        let queue = try registry.gauge("queue_length", help: "Jobs that wait.")
        try registry.gauge("answer", help: "Worked out.") { 42 }
        let times = try registry.histogram("job_seconds", help: "Times.", bounds: [0.5, 1])
        jobs.increment()
        jobs.increment(by: 4)
        queue.value = 3
        queue.add(-0.5)
        for time in [0.25, 0.5, 0.75, 7] { times.observe(time) }
        times.observe(.milliseconds(250))
        times.observe(.nan)
        #expect(jobs.value == 5 && queue.value == 2.5)
        #expect(times.count == 5 && times.sum == 8.75)
        for (format, parsed) in MetricsPageTests.formats {
            let page = try MetricsText(
                MetricsPageTests.text(format, nil, registry: registry), parsed)
            #expect(try page.value("jobs_total") == 5)
            #expect(try page.value("queue_length") == 2.5)
            #expect(try page.value("answer") == 42)
            #expect(try page.value("job_seconds_bucket", ["le": "0.5"]) == 3)
            #expect(try page.value("job_seconds_bucket", ["le": "1.0"]) == 4)
            #expect(try page.value("job_seconds_bucket", ["le": "+Inf"]) == 5)
            #expect(try page.value("job_seconds_sum") == 8.75)
        }
    }

    @Test func `series are told apart by their labels`() throws {
        let registry = MetricsRegistry()
        let mails = try registry.counters("mails", help: "Mails.", labels: ["kind", "to"])
        mails["welcome", "a\"b\\\n"].increment()
        mails["welcome", "c"].increment(by: 2)
        mails["welcome", "c"].increment(by: 3)
        let page = try MetricsText(MetricsPageTests.text(.text, nil, registry: registry), .text)
        #expect(try page.value("mails_total", ["kind": "welcome", "to": "a\"b\\\n"]) == 1)
        #expect(try page.value("mails_total", ["kind": "welcome", "to": "c"]) == 5)
    }

    @Test func `beyond the limit new values share a series`() throws {
        let registry = MetricsRegistry()
        let gauges = try registry.gauges(
            "users", help: "Users.", labels: ["name"], maxSeriesCount: 2)
        for name in ["a", "b", "c", "d", "a"] { gauges[name].add(1) }
        let page = try MetricsText(MetricsPageTests.text(.text, nil, registry: registry), .text)
        let samples = try page.family("users").samples
        #expect(samples.map(\.labels) == ["a", "b", "other"].map { ["name": $0] })
        #expect(samples.map(\.value) == [2, 1, 2])
    }

    @Test func `a value that is too long is cut off between characters`() throws {
        let registry = MetricsRegistry()
        let counters = try registry.counters("texts", help: "Texts.", labels: ["text"])
        counters["a" + String(repeating: "é", count: 200)].increment()
        counters["a" + String(repeating: "é", count: 300)].increment()
        let page = try MetricsText(MetricsPageTests.text(.text, nil, registry: registry), .text)
        let samples = try page.family("texts_total").samples
        #expect(samples.map(\.value) == [2])
        #expect(samples[0].labels["text"] == "a" + String(repeating: "é", count: 127))
    }

    @Test(arguments: [
        ("", "a name is"), ("1st", "a name is"), ("a-b", "a name is"), ("é", "a name is"),
        (String(repeating: "a", count: 201), "at most 200 bytes"),
        ("sluice_jobs", "begin with 'sluice_'"), ("process_jobs", "begin with 'process_'"),
        ("jobs_bucket", "does not end with '_bucket'"), ("jobs_count", "'_count'"),
        ("jobs_sum", "'_sum'"), ("jobs_info", "'_info'"), ("jobs_created", "'_created'"),
    ])
    func `a name that cannot be is refused`(name: String, clause: String) throws {
        let registry = MetricsRegistry()
        let error = #expect(throws: InvalidMetric.self) {
            try registry.gauge(name, help: "Nothing.")
        }
        #expect(error?.description.contains(clause) == true, "\(String(describing: error))")
        #expect(registry.families.isEmpty)
    }

    @Test(arguments: [
        (["__a"], "Prometheus's own"), (["le"], "own label"), (["a:b"], "a name is"),
        ([""], "a name is"), (["a", "a"], "the same name"),
    ])
    func `labels that cannot be are refused`(labels: [String], clause: String) throws {
        let error = #expect(throws: InvalidMetric.self) {
            try MetricsRegistry().counters("jobs", help: "Jobs.", labels: labels)
        }
        #expect(error?.description.contains(clause) == true, "\(String(describing: error))")
    }

    @Test(arguments: [[], [1, 1], [2, 1], [.infinity], [.nan]] as [[Double]])
    func `bounds that do not rise are refused`(bounds: [Double]) {
        #expect(throws: InvalidMetric.self) {
            try MetricsRegistry().histogram("sizes", help: "Sizes.", bounds: bounds)
        }
    }

    @Test func `a name is registered once, and so are those of its samples`() throws {
        let registry = MetricsRegistry()
        _ = try registry.counter("jobs", help: "Jobs.")
        _ = try registry.histogram("sizes", help: "Sizes.")
        for name in ["jobs", "jobs_total", "sizes"] {
            #expect(throws: InvalidMetric.self) { try registry.counter(name, help: "Again.") }
        }
        #expect(registry.families.count == 2)
    }

    @Test func `no number of threads loses a count`() async throws {
        let registry = MetricsRegistry()
        let (counter, gauge, histogram) = (
            try registry.counter("a", help: "A."), try registry.gauge("b", help: "B."),
            try registry.histogram("c", help: "C.", bounds: [1])
        )
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.increment()
                        gauge.add(1)
                        histogram.observe(2)
                    }
                }
            }
        }
        #expect(counter.value == 4_000 && gauge.value == 4_000)
        #expect(histogram.count == 4_000 && histogram.sum == 8_000)
    }
}
