internal import Presentation

/// The report as JUnit's XML, which every CI server shows: one suite, one case per check.
///
/// A problem of the run as a whole (a crash, a wrong body, a signal) is a case of its own, so that
/// a run without a single check still counts as one that did not pass.
package enum JUnitRendering {
    /// The whole document.
    ///
    /// - Parameter inconclusiveFails: Whether an undecided check is a failure; else it is skipped,
    ///   which CI servers do not count as red.
    package static func render(_ report: GateReport, inconclusiveFails: Bool) -> String {
        var cases: [Case] = []
        if !report.isExplainedByChecks { cases.append(wholeRun(report)) }
        if !report.isInterrupted {
            cases += report.checks.map(Case.init) + report.baselineChecks.map(Case.init)
        }
        let outcomes = cases.map { $0.outcome(inconclusiveFails: inconclusiveFails) }
        func count(_ outcome: Outcome) -> Int { outcomes.count { $0 == outcome } }
        let counts =
            "tests=\"\(cases.count)\" failures=\"\(count(.failure))\" errors=\"\(count(.error))\""
            + " skipped=\"\(count(.skipped))\""
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
        lines.append("<testsuites \(counts)>")
        lines.append("  <testsuite name=\"gate\" \(counts)>")
        lines += zip(cases, outcomes).map { $0.xml($1) }
        lines += ["  </testsuite>", "</testsuites>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func wholeRun(_ report: GateReport) -> Case {
        var text = report.reason
        if let advice = AdviceRendering.text(report) { text += "\n" + advice }
        return Case(
            className: "gate", name: "run",
            verdict: report.isInterrupted ? .invalid : report.verdict,
            message: report.isInterrupted ? "interrupted: \(report.reason)" : report.reason,
            detail: text)
    }

    /// How JUnit calls what became of a case.
    private enum Outcome { case success, failure, error, skipped }

    private struct Case {
        var className: String
        var name: String
        var verdict: Verdict
        /// One line.
        var message: String
        var detail: String
        /// Never a failure, however the caller sees undecided checks: nothing was compared.
        var isNotCompared = false

        init(className: String, name: String, verdict: Verdict, message: String, detail: String) {
            self.className = className
            self.name = name
            self.verdict = verdict
            self.message = message
            self.detail = detail
        }

        init(_ result: CheckResult) {
            let message =
                "estimate \(FigureRendering.estimate(result)), "
                + "bound \(FigureRendering.bound(result)), "
                + "limit \(FigureRendering.limit(result)), "
                + FigureRendering.count(result.pairCount, "pair")
            self.init(
                className: "gate.\(result.check.scenario)", name: result.check.expression,
                verdict: result.verdict, message: message,
                detail: ([message] + result.notes).joined(separator: "\n"))
        }

        init(_ result: BaselineResult) {
            let message =
                "before \(result.text(result.before)), now \(result.text(result.now))"
                + (result.probability.map { ", p \(Format.fixed($0, 4))" } ?? "")
            self.init(
                className: "gate.\(result.scenario)", name: "baseline: \(result.subject)",
                verdict: result.verdict, message: message,
                detail: message + (result.note.map { "\n" + $0 } ?? ""))
            isNotCompared = result.probability == nil
        }

        func outcome(inconclusiveFails: Bool) -> Outcome {
            switch verdict {
            case .pass: .success
            case .fail: .failure
            case .invalid: .error
            case .inconclusive: inconclusiveFails && !isNotCompared ? .failure : .skipped
            }
        }

        func xml(_ outcome: Outcome) -> String {
            let head =
                "    <testcase classname=\"\(escaped(className))\" name=\"\(escaped(name))\""
            let message = "message=\"\(escaped(message))\""
            let type = "type=\"\(verdict.rawValue)\""
            let body: String
            switch outcome {
            case .success: body = "<system-out>\(escaped(detail))</system-out>"
            case .failure: body = "<failure \(type) \(message)>\(escaped(detail))</failure>"
            case .error: body = "<error \(type) \(message)>\(escaped(detail))</error>"
            case .skipped: body = "<skipped \(message)>\(escaped(detail))</skipped>"
            }
            return "\(head)>\(body)</testcase>"
        }
    }

    /// Text for an attribute or an element. What XML 1.0 §2.2 does not allow even escaped becomes
    /// a blank, and so do line ends in attributes, where a parser would make them that anyway.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            case "\n": result += "&#10;"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
