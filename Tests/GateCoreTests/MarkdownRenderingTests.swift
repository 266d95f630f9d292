import Testing

@testable import GateCore

private func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}

/// The cells of a row of a table: split at bars that are not escaped.
private func cells(_ row: String) -> [String] {
    row.replacing("\\|", with: "\u{1}").split(separator: "|", omittingEmptySubsequences: false)
        .dropFirst().dropLast().map { $0.replacing("\u{1}", with: "|") }
        .map { String($0.dropFirst().dropLast()) }
}

@Suite struct MarkdownRenderingTests {
    @Test func `begins its table with the Python project's columns`() {
        let rows = lines(MarkdownRendering.table(SampleReport.passing().scenarios[0]))
        #expect(
            cells(rows[0]).prefix(7)
                == ["Engine", "Requests", "Errors", "Error Rate", "RPS", "p50 ms", "p95 ms"])
        #expect(
            cells(rows[2]) == [
                "reactor", "305006", "6", "<0.01%", "23150 (20200…25100)", "1.499", "1.949",
                "1.989", "1.999", "1.249", "6.10 (6.10…6.10)", "14.2", "200 of 200", "0.980",
            ])
        #expect(cells(rows[3]).first == "threadpool")
        #expect(rows.count == 5)
    }

    @Test(arguments: SampleReport.all())
    func `gives every row of a table as many cells as its head`(report: GateReport) {
        var width: Int?
        for row in lines(MarkdownRendering.summary(report)) {
            guard row.hasPrefix("|") else {
                width = nil
                continue
            }
            let count = cells(row).count
            #expect(count == width ?? count, "\(row)")
            width = count
        }
    }

    @Test func `shows checks with limit, estimate, bound and verdict`() {
        let rows = lines(MarkdownRendering.summary(SampleReport.mixed()))
        #expect(rows[0] == "## gate: FAIL")
        #expect(rows.contains("| Check | Limit | Estimate | Bound | Verdict |"))
        #expect(
            rows.contains(
                "| `crowd: reactor.rps >= 1.8 * threadpool.rps` | 1.80x | 1.52x | <= 1.796x | "
                    + "**fail** |"))
        #expect(
            rows.contains(
                "| `busy: reactor.p95 <= 200ms` | 200ms | - | - | **invalid**: no samples: "
                    + "reactor answered nothing |"))
        #expect(rows.contains("- attempt 3: threadpool, steal 12 %"))
        #expect(rows.contains("- seed 42"))
        #expect(rows.count { $0.hasPrefix("| 6 | TR | ") } == 4)
    }

    @Test func `judges nothing when it was interrupted`() {
        var report = SampleReport.interrupted()
        report.checks = SampleReport.mixed().checks
        let text = MarkdownRendering.summary(report)
        #expect(text.hasPrefix("## gate: INTERRUPTED\n"))
        #expect(!text.contains("| Check |"))
        #expect(text.contains("| reactor | 53001 |"))
    }

    @Test func `drops the rounds before anything else when it is too long`() {
        let report = SampleReport.mixed()
        let whole = MarkdownRendering.summary(report)
        #expect(whole.contains("<details>"))
        #expect(whole.contains("</details>"))

        let limit = whole.utf8.count - 1
        let shorter = MarkdownRendering.summary(report, maximumByteCount: limit)
        #expect(shorter.utf8.count <= limit)
        #expect(!shorter.contains("details"))
        #expect(shorter.contains("The rounds are left out"))
        #expect(shorter.contains("### crowd"))

        let short = MarkdownRendering.summary(report, maximumByteCount: 700)
        #expect(short.utf8.count <= 700)
        #expect(short.hasPrefix("## gate: FAIL\n"))
        #expect(short.hasSuffix("_Cut: the report was too long._\n"))
    }

    @Test func `keeps to the limit of a step summary whatever the texts`() {
        var report = SampleReport.passing()
        report.warnings = Array(repeating: String(repeating: "µ", count: 5_000), count: 200)
        let text = MarkdownRendering.summary(report)
        #expect(text.utf8.count <= 1_048_576)
        #expect(text.utf8.count > 1_000_000)
        #expect(!text.contains("\u{FFFD}"))
    }

    @Test(arguments: [
        ("a|b", "a\\|b"), ("`x`", "\\`x\\`"), ("<b>", "&lt;b>"), ("<= 2", "<= 2"),
        ("a & b", "a &amp; b"), ("*a*", "\\*a\\*"), ("[a](b)", "\\[a\\](b)"),
        ("a\nb", "a b"), ("error_rate", "error_rate"),
    ])
    func `escapes what Markdown would read`(text: String, escaped: String) {
        #expect(MarkdownRendering.text(text) == escaped)
    }

    @Test(arguments: [
        ("a", "`a`"), ("a|b", "`a\\|b`"), ("a`b", "`` a`b ``"), ("``", "``` `` ```"),
    ])
    func `fences code with more backticks than it has`(text: String, code: String) {
        #expect(MarkdownRendering.code(text) == code)
    }
}
