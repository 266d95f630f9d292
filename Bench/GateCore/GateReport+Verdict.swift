extension Verdict {
    /// Of the verdicts on parts, the one on the whole: what cannot be judged spoils all, a fail is a
    /// fail whatever else is open.
    package static func whole(_ verdicts: some Sequence<Verdict>) -> Verdict {
        let verdicts = Set(verdicts)
        let order: [Verdict] = [.invalid, .fail, .inconclusive]
        return order.first(where: verdicts.contains) ?? .pass
    }
}

extension GateReport {
    /// Why this run cannot prove anything, whatever it measured; nil when it can.
    package var disclaimer: String? {
        if plan.isDebugBuild { return "a debug build proves nothing" }
        if plan.isSelfComparison { return "an engine compared with itself proves nothing" }
        return nil
    }

    /// Adds the comparison with a saved run, which can make the verdict worse and never better.
    package mutating func add(baseline results: [BaselineResult]) {
        baselineChecks = results
        guard !isInterrupted else { return }
        let compared = results.filter(\.isCompared)
        let ownVerdict = verdict
        verdict = .whole([ownVerdict] + compared.map(\.verdict))
        if compared.isEmpty, ownVerdict == .pass {
            verdict = .inconclusive
            reason = "nothing could be compared with the baseline"
        } else if verdict != ownVerdict {
            let parts = compared.filter { $0.verdict == verdict }
            reason = Self.sentence(
                verdict, parts.map { "\($0.scenario): \($0.subject) against the baseline" },
                of: compared.count)
        }
        limitProof()
    }

    /// Sets verdict and reason from the checks.
    mutating func settle() {
        limitProof()
        guard !checks.isEmpty else {
            (verdict, reason) = (.inconclusive, "no check was asked")
            return
        }
        verdict = .whole(checks.map(\.verdict))
        let parts = checks.filter { $0.verdict == verdict }
        if verdict == .inconclusive, let disclaimer,
            checks.allSatisfy({ $0.notes.contains(disclaimer) })
        {
            reason = disclaimer
        } else if verdict == .invalid, let part = parts.first {
            reason = "\(part.check.scenario): " + (part.notes.first ?? part.check.expression)
        } else {
            reason = Self.sentence(
                verdict, parts.map { "\($0.check.scenario): \($0.check.expression)" },
                of: checks.count)
        }
    }

    /// Takes every pass back that this run cannot prove.
    mutating func limitProof() {
        guard let disclaimer else { return }
        for index in checks.indices where checks[index].verdict == .pass {
            checks[index].verdict = .inconclusive
            checks[index].notes.append(disclaimer)
        }
        for index in baselineChecks.indices where baselineChecks[index].verdict == .pass {
            baselineChecks[index].verdict = .inconclusive
            baselineChecks[index].note = disclaimer
        }
        if verdict == .pass { (verdict, reason) = (.inconclusive, disclaimer) }
    }

    /// "2 of 9 checks failed: crowd: reactor.p95 <= 200ms, and 1 more".
    private static func sentence(_ verdict: Verdict, _ parts: [String], of count: Int) -> String {
        let word =
            switch verdict {
            case .pass: "passed"
            case .fail: "failed"
            case .inconclusive: "undecided"
            case .invalid: "cannot be judged"
            }
        let checks = count == 1 ? "check" : "checks"
        guard verdict != .pass, let first = parts.first else { return "\(count) \(checks) \(word)" }
        let more = parts.count > 1 ? ", and \(parts.count - 1) more" : ""
        return "\(parts.count) of \(count) \(checks) \(word): \(first)\(more)"
    }
}

extension BaselineResult {
    /// Whether it was held against anything: a number of another machine is only shown.
    package var isCompared: Bool { probability != nil }
}
