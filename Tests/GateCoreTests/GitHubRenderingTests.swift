import Testing

@testable import GateCore

private func commands(_ report: GateReport) -> [String] {
    GitHubRendering.annotations(report).split(separator: "\n").map(String.init)
}

@Suite struct GitHubRenderingTests {
    @Test func `a pass is noticed with its ratios`() {
        #expect(
            commands(SampleReport.passing()) == [
                "::notice title=gate%3A busy::rps reactor / threadpool: about 2.29x over 6 pairs",
                "::notice title=gate%3A crowd::rps reactor / threadpool: about 2.29x over 6 pairs",
            ])
    }

    @Test func `fails are errors and the undecided is a warning`() {
        let lines = commands(SampleReport.mixed())
        let expected = """
            ::error title=gate%3A invalid::busy: reactor.p95 <= 200ms: estimate -, bound -\
            %0Ano samples: reactor answered nothing
            ::error title=gate%3A fail::crowd: reactor.rps >= 1.8 * threadpool.rps: \
            estimate 1.52x, bound <= 1.796x
            ::error title=gate baseline%3A fail::busy: reactor.rps: 90,000 before, 70,000 now
            ::warning title=gate%3A inconclusive::crowd: reactor.rps >= 1.8 * threadpool.rps: \
            estimate 1.90x, bound >= 1.74x%0Aclient-bound: a lower limit
            """
        #expect(lines.prefix(4).joined(separator: "\n") == expected)
        #expect(lines.dropFirst(4).allSatisfy { $0.hasPrefix("::notice ") })
    }

    @Test func `says why when no check does`() {
        #expect(
            commands(SampleReport.wrongBody()) == [
                "::error title=gate%3A invalid::reactor answered 'Hello' instead of "
                    + "'Hello, World!'"
            ])
        #expect(
            commands(SampleReport.interrupted()) == [
                "::error title=gate%3A interrupted::SIGINT in pair 2"
            ])
        #expect(commands(SampleReport.selfComparison())[0].hasPrefix("::warning title=gate%3A inc"))
    }

    @Test func `no more of a kind than are shown, and the last one counts the rest`() {
        var report = SampleReport.mixed()
        report.checks = Array(repeating: report.checks[2], count: 25)
        report.baselineChecks = []
        let errors = commands(report).filter { $0.hasPrefix("::error ") }
        #expect(errors.count == 10)
        #expect(errors.last == "::error title=gate::16 more: the summary lists them all")
    }

    @Test func `no name begins a command of its own`() {
        for line in commands(SampleReport.hostile()) {
            #expect(line.hasPrefix("::error title=gate") || line.hasPrefix("::notice title=gate"))
            #expect(!line.contains("\u{1B}"))
        }
    }

    @Test(arguments: [("50%", "50%25"), ("a\r\nb", "a%0D%0Ab"), ("a: b, c", "a: b, c")])
    func `escapes messages`(text: String, escaped: String) {
        #expect(GitHubRendering.message(text) == escaped)
    }

    @Test func `escapes what would end a property`() {
        #expect(GitHubRendering.property("a: b, 5%\n") == "a%3A b%2C 5%25%0A")
    }
}
