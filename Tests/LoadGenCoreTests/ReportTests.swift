import Containers
import Presentation
import Testing

@testable import LoadGenCore

private func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}

private var someLimits: ResultLimits {
    var limits = ResultLimits()
    limits.maximumErrorRate = 0.01
    limits.serviceLevels = [try! ServiceLevel.parse("p99=1us")]
    return limits
}

@Suite struct TerminalReportTests {
    @Test(arguments: [
        sampleResult(), sampleResult(isOpenLoop: true), sampleResult(isInterrupted: true),
        sampleResult(isOpenLoop: true, cpuShare: 0.99, sentShare: 0.4), deadResult(),
        RunResult(RunDescription(), threads: []),
    ])
    func `fits 80 columns and has no escape sequences when plain`(result: RunResult) {
        let text = TerminalReport.render(result, limits: someLimits, style: .plain)
        for line in lines(text) { #expect(line.count <= 80, "\(line)") }
        #expect(!text.contains("\u{1B}"))
    }

    @Test func `fits 80 columns with the longest of everything`() {
        var result = sampleResult(isOpenLoop: true, cpuShare: 1)
        result.description.target = "http://" + String(repeating: "long.", count: 40) + "/"
        result.description.connectionCount = 1_000_000
        result.threadCPUShares = Array(repeating: 1.0, count: 200)
        for errorClass in ErrorClass.allCases {
            result.total.errors.record(
                ErrorExample(
                    errorClass: errorClass, detail: 104, connection: 999_999,
                    time: 86_400 * second), count: 1_000_000_000)
        }
        for code in 100..<600 { result.total.statusCounts[code] = 1_000_000_000 }
        let text = TerminalReport.render(result, limits: someLimits, style: .plain)
        for line in lines(text) { #expect(line.count <= 80, "\(line)") }
    }

    @Test func `names the clock of every percentile`() {
        let closed = TerminalReport.render(sampleResult(), limits: .init(), style: .plain)
        #expect(closed.contains("latency   closed-loop round trip   n="))
        #expect(!closed.contains("service time"))
        let open = TerminalReport.render(
            sampleResult(isOpenLoop: true), limits: .init(), style: .plain)
        #expect(open.contains("response time, from planned start   n="))
        #expect(open.contains("service time, from the send   n="))
        #expect(open.contains("held: 100% of 10,000 planned requests"))
    }

    @Test func `shows a dash where there are too few samples`() throws {
        let text = TerminalReport.render(sampleResult(), limits: .init(), style: .plain)
        let rows = lines(text)
        let names = try #require(rows.firstIndex { $0.contains("p99.99") })
        let cells = rows[names + 1].split(separator: " ")
        #expect(cells.count == 8)
        #expect(cells[5] == "-" && cells[6] == "-" && cells[7] != "-")
    }

    @Test func `says what went wrong, loudly and with an example`() {
        let result = sampleResult(isOpenLoop: true, cpuShare: 0.97, sentShare: 0.5)
        let text = TerminalReport.render(result, limits: someLimits, style: .plain)
        #expect(text.contains("RATE NOT HELD"))
        #expect(text.contains("CLIENT-BOUND"))
        #expect(text.contains("BROKEN  p99 <= 1us"))
        #expect(text.contains("kept  error rate <= 1.00%"))
        #expect(text.contains("first reset: ECONNRESET, connection"))
        #expect(
            TerminalReport.render(deadResult(), limits: .init(), style: .plain)
                .contains("connect refused 5"))
        #expect(
            TerminalReport.render(
                sampleResult(isInterrupted: true), limits: someLimits, style: .plain
            ).contains("not judged  p99"))
    }

    @Test func `colours only add to words`() {
        let result = sampleResult()
        let colored = TerminalReport.render(result, limits: someLimits, style: .colored)
        #expect(colored.contains("\u{1B}[32m"))
        let stripped = ["0", "1", "2", "31", "32", "33"].reduce(colored) {
            $0.replacing("\u{1B}[\($1)m", with: "")
        }
        #expect(
            stripped == TerminalReport.render(result, limits: someLimits, style: .plain))
    }
}

@Suite struct LiveDisplayTests {
    private func snapshot(
        _ elapsed: UInt64, valid: UInt64, errors: UInt64 = 0,
        phase: ProgressSnapshot.Phase = .measuring, length: UInt64? = 10 * second,
        limit: UInt64? = nil
    ) -> ProgressSnapshot {
        var interval = Histogram(layout: .interval)
        for value in 0..<1_000 { interval.record(500 + value) }
        return ProgressSnapshot(
            phase: phase, elapsed: elapsed, length: length, requestLimit: limit,
            RecorderSnapshot(validCount: valid, errorCount: errors, interval: interval))
    }

    @Test func `writes a line per second where there is no terminal`() {
        var display = LiveDisplay(target: "http://h/", style: .plain)
        #expect(
            display.line(snapshot(second, valid: 81_234))
                == "1.0 s measuring  81.2k req/s  errors 0  p50  999µs  p99 1.50ms\n")
        #expect(
            display.line(snapshot(3 * second, valid: 81_234, errors: 12))
                == "3.0 s measuring      0 req/s  errors 12  p50  999µs  p99 1.50ms\n")
    }

    @Test func `the drain does not take all answers of the run for its own`() {
        var display = LiveDisplay(target: "http://h/", style: .plain)
        _ = display.line(snapshot(second, valid: 81_234))
        var draining = snapshot(second / 1_000, valid: 81_300)
        draining.phase = .draining
        #expect(display.line(draining).contains("draining  81.2k req/s"))
    }

    @Test(arguments: [20, 40, 60, 80, 120, 200])
    func `a frame fits its terminal`(columnCount: Int) {
        var display = LiveDisplay(target: String(repeating: "x", count: 300), style: .plain)
        for step in 0..<100 as Range<UInt64> {
            let frame = display.frame(
                snapshot(step * second / 10, valid: step * step * 100), columnCount: columnCount)
            let visible = frame.split(separator: "\u{1B}[J").last.map(String.init) ?? ""
            for line in lines(visible) { #expect(line.count <= columnCount, "\(line)") }
        }
    }

    @Test func `a frame is drawn over the one before and taken away at the end`() {
        var display = LiveDisplay(target: "http://h/", style: .plain)
        let first = display.frame(snapshot(5 * second, valid: 100), columnCount: 80)
        #expect(!first.contains("\u{1B}"))
        #expect(first.contains("████████░░░░░░░░"))
        #expect(first.contains("5.0 s / 10.0 s"))
        #expect(
            display.frame(snapshot(6 * second, valid: 200), columnCount: 80)
                .hasPrefix("\r\u{1B}[1A\u{1B}[J"))
        #expect(display.clear() == "\r\u{1B}[1A\u{1B}[J")
        #expect(display.clear() == "")
    }

    @Test(arguments: [
        (nil as UInt64?, nil as UInt64?, nil as Double?), (10 * second, nil, 0.5),
        (nil, 1_000, 0.1),
        (10 * second, 125, 0.8), (second, nil, 1),
    ])
    func `knows how much is done`(length: UInt64?, limit: UInt64?, share: Double?) {
        #expect(snapshot(5 * second, valid: 100, length: length, limit: limit).share == share)
    }

    @Test func `draws bars as high as their share`() {
        #expect(Sparkline.render([0, 1, 4, 8, 0.01]) == " ▁▄█▁")
        #expect(Sparkline.render([0, 0]) == "  ")
    }
}

@Suite struct TableReportTests {
    @Test func `has as many values as names`() {
        let rows = CSVReport.render(sampleResult()).split(separator: "\r\n")
        #expect(rows.count == 2)
        let names = rows[0].split(separator: ",", omittingEmptySubsequences: false)
        #expect(Set(names).count == names.count)
        // The date has a comma, so it is quoted and counts as two.
        #expect(
            rows[1].split(separator: ",", omittingEmptySubsequences: false).count == names.count + 1
        )
        #expect(rows[1].contains("\"Tue, 14 Nov 2023 22:13:20 UTC\""))
    }

    @Test(arguments: [("a", "a"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("=1", "'=1")])
    func `quotes what needs it`(field: String, text: String) {
        #expect(CSVReport.quoted(field) == text)
    }

    @Test func `writes one object per interval that adds up`() throws {
        let result = sampleResult()
        let rows = try TimeSeriesReport.render(result).split(separator: "\n").map {
            try JSONParser.parse(Array($0.utf8))
        }
        #expect(rows.count == 10)
        #expect(
            rows.compactMap { $0["valid"]?.integer }.reduce(0, +) == Int(result.total.validCount))
        #expect(rows[3]["t"] == .number(3))
        #expect(rows[0]["p99_ms"]?.double != nil)
        #expect(
            try TimeSeriesReport.render(deadResult()).split(separator: "\n").map {
                try JSONParser.parse(Array($0.utf8))["p50_ms"]
            } == [.null])
    }

    @Test func `writes metrics that a collector reads`() {
        var result = sampleResult()
        result.description.target = "http://h/\"\\"
        let text = PrometheusReport.render(result)
        for line in lines(text).dropLast() {
            if line.hasPrefix("#") { continue }
            let parts = line.split(separator: " ")
            #expect(parts.count == 2 && Double(parts[1]) != nil, "\(line)")
            #expect(line.contains(#"target="http://h/\"\\""#), "\(line)")
        }
        #expect(text.contains("loadgen_response_time_seconds{target="))
        #expect(text.contains("quantile=\"0.9990\"} 0.0"))
        #expect(text.contains("loadgen_response_time_seconds_count{"))
        #expect(text.contains("class=\"reset\"} 4\n"))
    }

    @Test func `the histogram log adds up to the run`() throws {
        let result = sampleResult()
        let rows = lines(HistogramLog(result).text).filter { $0.contains("HISTFAA") }
        #expect(rows.count == 12)
        var sum = Histogram(layout: .interval)
        for row in rows where !row.hasPrefix("Tag=") {
            let encoded = try #require(row.split(separator: ",").last)
            sum.merge(try HistogramCodec.decodeCompressedText(encoded))
        }
        #expect(sum.count == result.total.responseTime.count)
        let whole = try #require(rows.first { $0.hasPrefix("Tag=whole-run-response-time") })
        let encoded = try #require(whole.split(separator: ",").last)
        #expect(
            try HistogramCodec.decodeCompressedText(encoded).counters
                == result.total.responseTime.counters)
    }
}

@Suite struct HTMLReportTests {
    @Test(arguments: [
        sampleResult(), sampleResult(isOpenLoop: true, seconds: 40, sentShare: 0.7),
        sampleResult(seconds: 1), deadResult(), RunResult(RunDescription(), threads: []),
    ])
    func `is one page that loads nothing and closes what it opens`(result: RunResult) {
        let page = HTMLReport.render(result, limits: someLimits)
        for forbidden in ["<script", "src=", "href=", "@import", "url(", "nan", "inf "] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
        for element in [
            "html", "main", "figure", "svg", "section", "table", "tr", "td", "ul", "title",
        ] {
            let opened = page.split(separator: "<\(element)", omittingEmptySubsequences: false)
                .dropFirst().count { $0.first.map { " >".contains($0) } ?? false }
            let closed = page.split(separator: "</\(element)>", omittingEmptySubsequences: false)
            #expect(opened == closed.count - 1, "\(element)")
        }
    }

    @Test func `has a chart for each question`() {
        let page = HTMLReport.render(sampleResult(isOpenLoop: true), limits: .init())
        for title in [
            "Latency distribution", "Latency by percentile", "Latency over time",
            "Throughput and errors",
        ] { #expect(page.contains("<h2>\(title)</h2>"), "\(title)") }
        #expect(page.contains("prefers-color-scheme:dark"))
        #expect(page.contains("service time, from the send"))
    }

    @Test func `text of others stays text`() {
        var result = sampleResult()
        result.description.target = "http://h/<script>alert('x')</script>&\""
        let page = HTMLReport.render(result, limits: .init())
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"))
    }
}

@Suite struct PlotScaleTests {
    @Test(arguments: [
        (0.0, 1.0), (0.9, 1), (1, 1), (1.1, 1.2), (37, 40), (81_234, 100_000), (4.1, 6), (9, 10),
    ])
    func `a linear scale ends at a round number`(largest: Double, end: Double) throws {
        guard case .linear(let maximum) = PlotScale.linear(for: largest) else {
            Issue.record("not linear")
            return
        }
        #expect(abs(maximum - end) < end * 1e-9)
    }

    @Test func `latencies of more than a decade and a half get a logarithmic scale`() {
        guard case .linear = PlotScale.latency(smallest: 1_000, largest: 20_000) else {
            Issue.record("should be linear")
            return
        }
        let scale = PlotScale.latency(smallest: 100, largest: 1_000_000)
        guard case .logarithmic = scale else {
            Issue.record("should be logarithmic")
            return
        }
        #expect(
            scale.ticks == [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000])
        #expect(scale.position(of: 0) == 0 && scale.position(of: 1e9) == 1)
    }
}
