import Foundation
import Testing

@testable import GateCore

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// What an XML parser finds: elements with their attributes, in order; nil when it is no XML.
private func elements(_ text: String) -> [(name: String, attributes: [String: String])]? {
    final class Reader: NSObject, XMLParserDelegate {
        var found: [(name: String, attributes: [String: String])] = []
        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) { found.append((name, attributes)) }
    }
    let parser = XMLParser(data: Data(text.utf8))
    let reader = Reader()
    parser.delegate = reader
    return parser.parse() ? reader.found : nil
}

@Suite struct JUnitRenderingTests {
    @Test(arguments: SampleReport.all(), [true, false])
    func `is well-formed and counts its cases`(report: GateReport, fails: Bool) throws {
        let found = try #require(
            elements(JUnitRendering.render(report, inconclusiveFails: fails)))
        func count(_ name: String) -> String { String(found.count { $0.name == name }) }
        let suite = try #require(found.first { $0.name == "testsuite" })
        #expect(suite.attributes["tests"] == count("testcase"))
        #expect(suite.attributes["failures"] == count("failure"))
        #expect(suite.attributes["errors"] == count("error"))
        #expect(suite.attributes["skipped"] == count("skipped"))
        #expect(found.contains { $0.name == "testcase" })
    }

    @Test func `has one case per check`() throws {
        let found = try #require(
            elements(JUnitRendering.render(SampleReport.mixed(), inconclusiveFails: false)))
        let cases = found.filter { $0.name == "testcase" }
        #expect(
            cases.map { $0.attributes["classname"] } == [
                "gate.busy", "gate.busy", "gate.crowd", "gate.crowd", "gate.busy", "gate.busy",
                "gate.crowd",
            ])
        #expect(cases[2].attributes["name"] == "reactor.rps >= 1.8 * threadpool.rps")
        #expect(cases[4].attributes["name"] == "baseline: reactor.rps")
        #expect(
            found.map(\.name).filter { $0 != "testcase" && !$0.hasPrefix("testsuite") } == [
                "system-out", "error", "failure", "skipped", "failure", "system-out", "skipped",
            ])
    }

    @Test func `an undecided check fails when asked to, a missing baseline never`() throws {
        let found = try #require(
            elements(JUnitRendering.render(SampleReport.mixed(), inconclusiveFails: true)))
        #expect(
            found.map(\.name).filter { $0 != "testcase" && !$0.hasPrefix("testsuite") } == [
                "system-out", "error", "failure", "failure", "failure", "system-out", "skipped",
            ])
    }

    @Test func `a problem of the whole run is a case of its own`() throws {
        let text = JUnitRendering.render(SampleReport.wrongBody(), inconclusiveFails: false)
        let found = try #require(elements(text))
        #expect(found.map(\.name) == ["testsuites", "testsuite", "testcase", "error"])
        #expect(found[2].attributes == ["classname": "gate", "name": "run"])
        #expect(
            found[3].attributes["message"]
                == "reactor answered 'Hello' instead of 'Hello, World!'")

        var crash = SampleReport.passing()
        crash.verdict = .fail
        crash.reason = "reactor crashed: signal 11"
        let crashed = JUnitRendering.render(crash, inconclusiveFails: false)
        #expect(crashed.contains("name=\"run\"><failure"))
    }

    @Test func `a baseline that could not be compared does not hide an undecided run`() {
        var report = SampleReport.passing()
        report.verdict = .inconclusive
        report.baselineChecks = Array(SampleReport.mixed().baselineChecks.suffix(1))
        let text = JUnitRendering.render(report, inconclusiveFails: true)
        #expect(text.contains("name=\"run\"><failure"))
    }

    @Test func `an interrupted run has no verdict on any check`() throws {
        var report = SampleReport.interrupted()
        report.checks = SampleReport.mixed().checks
        let found = try #require(
            elements(JUnitRendering.render(report, inconclusiveFails: false)))
        #expect(found.map(\.name) == ["testsuites", "testsuite", "testcase", "error"])
        #expect(found[3].attributes["message"] == "interrupted: SIGINT in pair 2")
    }

    @Test func `an engine compared with itself is skipped as a whole`() {
        let text = JUnitRendering.render(
            SampleReport.selfComparison(), inconclusiveFails: false)
        #expect(text.contains("name=\"run\"><skipped"))
    }

    @Test(arguments: [
        ("<a>&\"'", "&lt;a&gt;&amp;&quot;&apos;"), ("a\nb", "a&#10;b"), ("\u{1B}[31m", " [31m"),
        ("\u{0}\u{9F}\u{FFFF}", "   "), ("µs 1.10", "µs 1.10"),
    ])
    func `escapes text and takes out what XML forbids`(text: String, escaped: String) {
        #expect(JUnitRendering.escaped(text) == escaped)
    }
}
