internal import Containers
internal import Glibc
internal import Presentation

/// Decides what the rounds so far say about a check: a pure function of numbers.
///
/// Theory of operation. Every pair gives one number: the logarithm of left side ÷ (factor × right
/// side), or of a metric ÷ its limit. Above zero, the limit is exceeded. Exact bounds of the true
/// number (`SignedRank`) at the look's error decide, never the estimate:
///
///     check      passes when              fails when
///     >= limit   the lower bound is >= 0  the upper bound is < 0
///     <= limit   the upper bound is <= 0  the lower bound is > 0
///
/// and otherwise it is inconclusive, which before the last look means: go on. Then come the
/// reasons to distrust a decision. A client at its limit makes an engine's figures one-sided; a
/// percentile of all rounds has to agree with the bound; an engine that answered nothing is
/// nothing to be better than. Error rates are proportions and have bounds of their own kind.
package enum Judge {
    /// How much worse than the limit of an error rate its worst round may be. Errors cluster on
    /// connections, which widens the scatter that Clopper and Pearson assume.
    package static let worstRoundFactor = 3.0

    /// From what error rate an engine's figures are those of the lucky requests.
    package static let notableErrorRate = 0.01

    /// Judges a check by all rounds of its engines, at the one-sided error `alpha`. Inconclusive
    /// means that more pairs might decide.
    ///
    /// - Parameter engines: The engines of the check's scenario, each with as many rounds. Two of
    ///   one name are a self comparison, whose right side is the last.
    package static func judge(
        _ check: Check, engines: [EngineReport], alpha: Double
    ) -> CheckResult {
        guard let left = engines.first(where: { $0.engine == check.metric.engine }) else {
            return .invalid(check, "\(check.metric.engine) was not measured")
        }
        switch check.limit {
        case .constant(let limit):
            return check.metric.metric == .errorRate
                ? judgeErrorRate(check, left, limit: limit, alpha: alpha)
                : judgeConstant(check, left, limit: limit, alpha: alpha)
        case .multiple(let factor, let reference):
            guard let right = engines.last(where: { $0.engine == reference.engine }) else {
                return .invalid(check, "\(reference.engine) was not measured")
            }
            return judgeRatio(check, left, right, reference, factor: factor, alpha: alpha)
        }
    }

    // MARK: The three kinds

    private static func judgeConstant(
        _ check: Check, _ engine: EngineReport, limit: Double, alpha: Double
    ) -> CheckResult {
        precondition(limit > 0, "the parser lets no other limit through")
        let metric = check.metric.metric
        let values = engine.rounds.map { $0.judgedValue(metric) }
        if let missing = missing(check.metric, engine) {
            guard missing.isFew else { return .invalid(check, missing.note) }
            return judgeTogether(check, engine, limit: limit, alpha: alpha, gap: missing.note)
        }
        let bounds = Bounds(
            values.map { Self.logRatio($0 ?? .nan, limit) }, alpha: alpha, scale: limit)

        // What the tables show must not contradict the verdict.
        let pooled = metric.isPooled ? engine.value(metric) ?? .infinity : bounds.estimate
        var result = CheckResult(
            check, bounds.verdict(check.comparison), estimate: pooled, bound: nil,
            pairCount: values.count)
        let keeps = check.comparison.holds(pooled, limit)
        if result.verdict == .pass && !keeps || result.verdict == .fail && keeps {
            result.verdict = .inconclusive
            result.notes.append("the rounds and their sum disagree")
        }
        result.bound = bounds.decisive(check.comparison, result.verdict)
        result.apply(OneSided(metric, of: engine))
        return result
    }

    private static func judgeRatio(
        _ check: Check, _ left: EngineReport, _ right: EngineReport, _ reference: MetricReference,
        factor: Double, alpha: Double
    ) -> CheckResult {
        let (metric, other) = (check.metric.metric, reference.metric)
        let values = left.rounds.map { $0.judgedValue(metric) }
        let others = right.rounds.map { $0.judgedValue(other) }
        let gaps = [missing(check.metric, left), missing(reference, right)].compactMap(\.self)
        if let gap = gaps.first(where: { !$0.isFew }) { return .invalid(check, gap.note) }
        if let gap = gaps.first { return .few(check, left, gap.note) }
        let logarithms = zip(values, others).map { value, other in
            Self.logRatio(value ?? .nan, (other ?? .nan) * factor)
        }
        guard !logarithms.contains(where: { $0.isNaN }) else {
            return .invalid(check, "neither engine answered in some round")
        }
        let bounds = Bounds(logarithms, alpha: alpha, scale: factor)
        var result = CheckResult(
            check, bounds.verdict(check.comparison), estimate: bounds.estimate, bound: nil,
            pairCount: logarithms.count)
        result.bound = bounds.decisive(check.comparison, result.verdict)
        if result.verdict == .inconclusive, let bound = bounds.detectable(check.comparison) {
            let word = check.comparison.isUpperLimit ? "or less" : "or more"
            result.notes.append("could have shown \(Format.fixed(bound, 2)) \(word)")
        }
        if result.verdict == .pass, let bound = result.bound, bound == 0 || bound.isInfinite {
            result.verdict = .inconclusive
            result.notes.append("an engine answered nothing: there is nothing to compare with")
        }
        result.apply(
            OneSided(metric, of: left).divided(by: OneSided(other, of: right)))
        for engine in [left, right] {
            guard let rate = engine.value(.errorRate), rate > notableErrorRate else { continue }
            result.notes.append(
                "\(engine.engine)'s error rate is \(Format.percent(rate)): its figures are those "
                    + "of the rest")
        }
        return result
    }

    private static func judgeErrorRate(
        _ check: Check, _ engine: EngineReport, limit: Double, alpha: Double
    ) -> CheckResult {
        guard let rate = engine.value(.errorRate) else {
            return .invalid(check, "\(check.metric) has no samples: no request came to an end")
        }
        let (events, attempts) = (engine.errorCount, engine.validCount + engine.errorCount)
        let lower = ClopperPearson.lowerBound(events: events, of: attempts, alpha: alpha)
        let upper = ClopperPearson.upperBound(events: events, of: attempts, alpha: alpha)
        let bounds = Bounds(estimate: rate, lower: lower, upper: upper, limit: limit)
        var result = CheckResult(
            check, bounds.verdict(check.comparison), estimate: rate, bound: nil,
            pairCount: engine.rounds.count)
        let worst = engine.values(.errorRate).compactMap(\.self).max() ?? rate
        if worst > limit {
            result.notes.append("worst round \(Format.percent(worst))")
        }
        let isTooUneven = check.comparison.isUpperLimit && worst > worstRoundFactor * limit
        if isTooUneven, result.verdict == .pass {
            result.verdict = .inconclusive
            result.notes.append("more than three times the limit in one round")
        }
        result.bound = bounds.decisive(check.comparison, result.verdict)
        return result
    }

    /// A percentile whose rounds are too short to have one each: that of all answers together is
    /// judged instead, by bounds that take each answer for itself. As with error rates, no round
    /// may then be much worse than the limit.
    private static func judgeTogether(
        _ check: Check, _ engine: EngineReport, limit: Double, alpha: Double, gap: String
    ) -> CheckResult {
        let metric = check.metric.metric
        var result = CheckResult.few(check, engine, gap)
        guard let percentile = metric.percentile else { return result }
        let latency = engine.latency(metric)
        result.estimate = engine.value(metric)
        let bounds = Bounds(
            estimate: result.estimate ?? .nan,
            lower: PercentileBounds.lower(percentile, of: latency, alpha: alpha),
            upper: PercentileBounds.upper(percentile, of: latency, alpha: alpha), limit: limit)
        result.verdict = bounds.verdict(check.comparison)
        if result.verdict == .pass {
            let worst = engine.rounds.map { $0.share(above: limit, metric) }.max() ?? 1
            let isTooUneven = worst > worstRoundFactor * (100 - percentile) / 100
            if check.comparison.isUpperLimit, isTooUneven {
                result.notes = ["more than three times as many slow answers in one round"]
                result.verdict = .inconclusive
            }
            if result.estimate == nil { result.verdict = .inconclusive }
        }
        if result.verdict != .inconclusive { result.notes = ["judged all rounds together"] }
        result.bound = bounds.decisive(check.comparison, result.verdict)
        if result.bound?.isFinite == false { result.bound = nil }
        result.apply(OneSided(metric, of: engine))
        return result
    }

    // MARK: Leaves

    /// Why rounds have no value.
    private struct Gap {
        var note: String
        /// There are samples, only not enough for the percentile.
        var isFew: Bool
    }

    /// What is missing to judge a metric; nil when nothing is. Rounds without a value are never left
    /// out: they are rarely the good ones.
    private static func missing(_ reference: MetricReference, _ engine: EngineReport) -> Gap? {
        let metric = reference.metric
        guard !engine.rounds.isEmpty else {
            return Gap(note: "\(reference) has no samples: nothing was measured", isFew: false)
        }
        let rounds = engine.rounds.filter { $0.judgedValue(metric) == nil }
        guard !rounds.isEmpty else { return nil }
        let isFew = rounds.allSatisfy { $0.hasFewSamples(metric) }
        let what = isFew ? "too few samples" : "no samples"
        let need =
            isFew
            ? "give a longer \(metric.isOpen ? "--open-duration" : "--duration")" : metric.needs
        return Gap(
            note: "\(reference) has \(what) in \(rounds.count) of \(engine.rounds.count) rounds: "
                + need,
            isFew: isFew)
    }

    /// The logarithm of a ratio of two values that are not negative. Equal ones are 0 exactly, but
    /// two zeros or two infinities are not known to be equal: NaN.
    private static func logRatio(_ value: Double, _ other: Double) -> Double {
        log(value / other)
    }
}

extension CheckResult {
    fileprivate static func invalid(_ check: Check, _ note: String) -> CheckResult {
        CheckResult(check, .invalid, estimate: nil, bound: nil, pairCount: 0, notes: [note])
    }

    fileprivate static func few(
        _ check: Check, _ engine: EngineReport, _ note: String
    ) -> CheckResult {
        CheckResult(
            check, .inconclusive, estimate: nil, bound: nil, pairCount: engine.rounds.count,
            notes: [note])
    }

    /// Takes back a decision that the client's limit might have made.
    fileprivate mutating func apply(_ side: OneSided) {
        guard !side.engines.isEmpty else { return }
        let who = side.engines.joined(separator: " and ")
        let stands: Verdict?
        switch side.kind {
        case .lowerLimit: stands = check.comparison.isUpperLimit ? .fail : .pass
        case .upperLimit: stands = check.comparison.isUpperLimit ? .pass : .fail
        case .neither: stands = nil
        }
        notes.append("client-bound (\(who)): \(side.kind.rawValue)")
        if verdict != stands, verdict != .invalid { verdict = .inconclusive }
    }
}
