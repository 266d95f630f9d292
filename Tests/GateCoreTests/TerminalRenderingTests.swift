import Presentation
import Testing

@testable import GateCore

private func render(_ report: GateReport) -> String {
    TerminalRendering.render(report, style: .plain)
}

private func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}

@Suite struct TerminalRenderingTests {
    @Test func `says the verdict first and the evidence below`() {
        let expected = """
             GATE PASS   reactor vs threadpool   6 pairs   profile ci   seed 42
             because  3 checks passed

                          check                                estimate      bound
             PASS  busy   reactor.error_rate <= 1%               <0.01%   <= 0.02%
                  worst round 0.01 %
             PASS  busy   reactor.p95 <= 200ms                   12.9ms  <= 14.1ms
             PASS  crowd  reactor.rps >= 1.8 * threadpool.rps     2.30x   >= 2.02x

             warning  crowd: threadpool served 16 of 2,000 connections

             BUSY   GET /   200 connections, 4 deep   2.0 s + 1.0 s open   6 pairs
               closed loop  requests  errors     rps     p50     p95     p99     max  CPU/req  client
               reactor       305,006  <0.01%  23,150  1.50ms  1.95ms  1.99ms  2.00ms   6.10µs     50%
               threadpool    150,006  <0.01%  10,000  1.50ms  1.95ms  1.99ms  2.00ms   6.10µs     50%
               open at 5.00k/s    p50     p95     p99     max  CPU/req   memory  fair      \
            served  workers
               reactor          799µs  1.25ms  1.29ms  1.30ms   7.20µs  14.2MiB  0.98  \
            200 of 200        1
               threadpool       799µs  1.25ms  1.29ms  1.30ms   7.20µs  14.2MiB  0.98   \
            16 of 200       16
               pair         1     2     3     4     5     6
               order       RT    TR    RT    TR    RT    TR
               ratio     2.40  2.19  2.02  2.51  2.35  2.28
               rps       █▇▆█▇▇  reactor / threadpool about 2.29x, sd of the log ratio 0.08

            """
        let text = render(SampleReport.passing())
        #expect(text.hasPrefix(expected))
        #expect(
            text.hasSuffix(
                """

                 machine  Some Processor 9000   2 cores   x86_64   Linux 6.1   load 0.40 before
                 cores    servers on core 0, client on core 1
                 build    reactor: 24-9f0c   sluice --engine reactor --port 0
                 build    threadpool: 24-9f0c   sluice --engine threadpool --port 0

                """))
    }

    @Test(arguments: SampleReport.all())
    func `fits 100 columns and has no escape sequences when plain`(report: GateReport) {
        let text = render(report)
        for line in lines(text) where !line.contains(SampleReport.hostileName.prefix(5)) {
            #expect(line.count <= 100, "\(line)")
        }
        #expect(
            !text.unicodeScalars.contains {
                $0 != "\n" && $0.properties.generalCategory == .control
            })
    }

    @Test func `fits 100 columns with the figures of a fast server`() {
        var report = SampleReport.passing()
        for scenario in report.scenarios.indices {
            report.scenarios[scenario].openRate = 1_234_567
            for engine in report.scenarios[scenario].engines.indices {
                report.scenarios[scenario].engines[engine].rounds = Array(
                    repeating: SampleReport.round(
                        count: 2_469_134, served: 2_000, clientShare: 0.99), count: 3)
            }
        }
        for line in lines(render(report)) { #expect(line.count <= 100, "\(line)") }
    }

    @Test func `shows every verdict, its note and no figure that is missing`() {
        let text = render(SampleReport.mixed())
        let rows = lines(text)
        #expect(rows[0].hasPrefix(" GATE FAIL   reactor vs threadpool"))
        #expect(
            text.contains(" INVALID       busy   reactor.p95 <= 200ms                        -"))
        #expect(rows.contains("      no samples: reactor answered nothing"))
        #expect(rows.contains("      client-bound: a lower limit"))
        #expect(rows.contains("      another machine: not compared"))
        #expect(rows.contains("   voided   attempt 3: threadpool, steal 12 %"))
        #expect(
            rows.contains(
                " FAIL          busy   reactor.rps                   90,000  70,000  0.0011"))
    }

    @Test func `never rounds a broken limit to the limit itself`() {
        var report = SampleReport.mixed()
        report.checks = [
            SampleReport.ratio(.fail, estimate: 1.7, bound: 1.799_96),
            SampleReport.latency(.fail),
        ]
        report.checks[1].bound = 200_040
        report.checks[1].estimate = 201_000
        let rows = lines(render(report))
        #expect(rows.contains { $0.contains("1.70x") && $0.contains("<= 1.79996x") })
        #expect(rows.contains { $0.contains("201ms") && $0.contains(">= 200.04ms") })
    }

    @Test func `an infinite estimate is a figure, an infinite upper bound is none`() {
        var report = SampleReport.mixed()
        report.checks = [SampleReport.latency(.fail), SampleReport.latency(.inconclusive)]
        report.checks[0].estimate = .infinity
        report.checks[0].bound = .infinity
        report.checks[1].bound = .infinity
        let rows = lines(render(report))
        #expect(rows.contains { $0.hasSuffix("infinite  >= infinite") })
        #expect(rows.contains { $0.hasPrefix(" INCONCLUSIVE") && $0.hasSuffix(" -") })
    }

    @Test func `judges nothing when it was interrupted`() {
        var report = SampleReport.interrupted()
        report.checks = SampleReport.mixed().checks
        report.baselineChecks = SampleReport.mixed().baselineChecks
        let text = render(report)
        #expect(text.hasPrefix(" GATE INTERRUPTED   "))
        #expect(text.contains("Nothing is judged"))
        #expect(text.contains("24,000"))
        for word in ["PASS", "FAIL", "INVALID", "INCONCLUSIVE"] { #expect(!text.contains(word)) }
    }

    @Test func `says that there is no open loop and only one engine`() {
        let text = render(SampleReport.single())
        #expect(text.contains("no open loop"))
        #expect(!text.contains("order"))
        #expect(!text.contains("ratio"))
    }

    @Test func `breaks the pairs of many engines into lines and explains the letters`() {
        let text = render(SampleReport.all()[7])
        #expect(text.contains(" ABCDE"))
        #expect(text.contains("A engine1, B engine2"))
        #expect(lines(text).count { $0.hasPrefix("   pair ") } == 2)
    }

    @Test func `puts the noise of a self comparison into words`() {
        let text = render(SampleReport.selfComparison())
        #expect(text.contains("busy: one pair's ratio of requests per second scatters by"))
        #expect(text.contains("farthest from 1 was off by 10.0 %, over 6 pairs."))
        #expect(text.contains("never passes"))
        #expect(text.contains("reactor / reactor (2) about 1.00x"))
        #expect(lines(text).count { $0.hasPrefix("   reactor (2) ") } == 2)
    }

    @Test func `colours only add to words`() {
        for report in [SampleReport.passing(), SampleReport.mixed()] {
            let colored = TerminalRendering.render(report, style: .colored)
            #expect(colored.contains("\u{1B}[32m"))
            let stripped = ["0", "1", "2", "31", "32", "33"].reduce(colored) {
                $0.replacing("\u{1B}[\($1)m", with: "")
            }
            #expect(stripped == render(report))
        }
    }
}

@Suite struct AdviceRenderingTests {
    /// An undecided report whose pairs agree to a few percent.
    private var undecided: GateReport {
        var report = SampleReport.passing()
        report.verdict = .inconclusive
        report.checks = [SampleReport.ratio(.inconclusive, estimate: 1.9, bound: 1.74)]
        return report
    }

    @Test func `passes and fails need none`() {
        #expect(AdviceRendering.text(SampleReport.passing()) == nil)
        #expect(AdviceRendering.text(SampleReport.mixed()) == nil)
    }

    @Test func `asks for more pairs where the truth is close to the limit`() throws {
        #expect(try #require(AdviceRendering.text(undecided)).contains("--profile nightly"))
    }

    @Test func `names noise`() throws {
        var report = undecided
        report.scenarios[1] = SampleReport.scenario(.crowd, ratios: [1, 2, 1, 2, 3, 1])
        #expect(try #require(AdviceRendering.text(report)).contains("differ too much (sd of"))
    }

    @Test func `names the engines that the client could not load further`() throws {
        var report = undecided
        report.scenarios[1].engines[0].rounds = Array(
            repeating: SampleReport.round(count: 20_000, served: 2_000, clientShare: 0.97),
            count: 6)
        let advice = try #require(AdviceRendering.text(report))
        #expect(advice.hasPrefix("The client was the limit for reactor,"))
        #expect(TerminalRendering.render(report, style: .plain).contains("97% BOUND"))
    }

    @Test func `names the missing core`() throws {
        var report = undecided
        report.environment.clientCore = nil
        #expect(try #require(AdviceRendering.text(report)).contains("a core each"))
    }

    @Test func `tells the kinds of invalid apart`() throws {
        #expect(
            try #require(AdviceRendering.text(SampleReport.wrongBody())).contains("right answers"))
        var report = SampleReport.mixed()
        report.verdict = .invalid
        #expect(try #require(AdviceRendering.text(report)).contains("nothing to judge by"))
    }

    @Test func `names the machine when it took too many pairs away`() throws {
        var report = undecided
        #expect(try !#require(AdviceRendering.text(report)).contains("left out"))
        report.scenarios[0].voided = Array(
            repeating: VoidedPair(attempt: 3, engine: "threadpool", reason: "steal 12 %"), count: 6)
        #expect(try #require(AdviceRendering.text(report)).hasPrefix("6 pairs had to be left out"))
    }
}

@Suite struct PairRatiosTests {
    @Test func `compares the first two engines pair by pair`() throws {
        let report = SampleReport.scenario(.busy, ratios: [2, 4, 8])
        let ratios = try #require(PairRatios(report))
        #expect(ratios.values == [2, 4, 8])
        #expect(abs(try #require(ratios.estimate) - 4) < 1e-9)
        // The logarithms are one ln 2 apart.
        #expect(abs(try #require(ratios.noise) - 0.693_147_18) < 1e-6)
        #expect(ratios.largestDistance == 7)
    }

    @Test func `a dead engine has a ratio of zero and no noise`() throws {
        let report = SampleReport.scenario(.busy, ratios: [0, 0])
        let ratios = try #require(PairRatios(report))
        #expect(ratios.estimate == 0)
        #expect(ratios.noise == nil)
    }

    @Test func `nothing is divided by a dead engine`() throws {
        let report = SampleReport.scenario(.busy, ratios: [0, 0])
        let ratios = try #require(PairRatios(report, "threadpool", "reactor"))
        #expect(ratios.values == [nil, nil])
        #expect(ratios.estimate == nil)
        #expect(PairRatios(report, "reactor", "nginx") == nil)
    }
}
