internal import Glibc
internal import Presentation

/// The requests per second of two engines, pair by pair.
struct PairRatios: Equatable {
    /// The engine above the line of the fraction, and the one below.
    let engines: (first: String, second: String)
    /// One ratio per pair; nil where one of the two was not measured or answered nothing.
    let values: [Double?]

    /// The ratios of the first two engines of `report`; nil when there are not two.
    init?(_ report: ScenarioReport) {
        guard report.engines.count >= 2 else { return nil }
        let named = report.labelled
        self.init(named[0], named[1])
    }

    /// The ratios of `first` and `second` in `report`; nil when one of them is missing.
    init?(_ report: ScenarioReport, _ first: String, _ second: String) {
        let named = report.labelled
        guard let above = named.first(where: { $0.label == first }),
            let below = named.first(where: { $0.label == second })
        else { return nil }
        self.init(above, below)
    }

    private init(
        _ first: (label: String, engine: EngineReport),
        _ second: (label: String, engine: EngineReport)
    ) {
        engines = (first.label, second.label)
        values = zip(first.engine.values(.rps), second.engine.values(.rps)).map { above, below in
            guard let above, let below, below > 0 else { return nil }
            return above / below
        }
    }

    static func == (one: PairRatios, other: PairRatios) -> Bool {
        one.engines == other.engines && one.values == other.values
    }

    /// The logarithms of the ratios: there, half as fast and twice as fast are equally far apart.
    var logarithms: [Double] { values.compactMap(\.self).filter { $0 > 0 }.map { log($0) } }

    /// The standard deviation of the logarithms, the noise of a single pair; nil with fewer than
    /// two pairs.
    var noise: Double? {
        let logarithms = logarithms
        guard logarithms.count >= 2 else { return nil }
        let count = Double(logarithms.count)
        let mean = logarithms.reduce(0, +) / count
        let squares = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / (count - 1)).squareRoot()
    }

    /// How far a single pair was from 1 at most; nil without pairs.
    var largestDistance: Double? { values.compactMap { $0.map { abs($0 - 1) } }.max() }

    /// The Hodges–Lehmann estimate of the ratio; nil without pairs, and for more of them than any
    /// plan has.
    var estimate: Double? {
        let finite = values.compactMap(\.self)
        guard (1...SignedRank.maximumCount).contains(finite.count) else { return nil }
        let estimate = exp(SignedRank(finite.map { log($0) }).estimate)
        return estimate.isFinite ? estimate : nil
    }
}

/// What a run says about its own noise, in words.
enum NoiseRendering {
    /// One sentence per scenario: what the same program against itself came to.
    static func lines(_ report: GateReport) -> [String] {
        report.scenarios.map { scenario in
            let name = FigureRendering.visible(scenario.scenario.name)
            guard let ratios = PairRatios(scenario), let noise = ratios.noise,
                let distance = ratios.largestDistance
            else { return "\(name): too few pairs to tell the noise." }
            return "\(name): one pair's ratio of requests per second scatters by "
                + "\(Format.fixed((exp(noise) - 1) * 100, 1)) % "
                + "(sd of its logarithm \(Format.fixed(noise, 3))); "
                + "the pair farthest from 1 was off by \(Format.fixed(distance * 100, 1)) %, "
                + "over \(FigureRendering.count(ratios.logarithms.count, "pair"))."
        }
    }
}

/// A letter for each engine, so that the order in a pair is a short word: `RT`.
struct EngineLetters {
    private let letters: [String: Character]
    /// Whether every letter is the first of its engine's name.
    let areInitials: Bool
    /// What the letters mean: `R reactor, T threadpool`.
    let legend: String

    /// Initials when they differ, else letters in the order of the plan. Beyond 26 engines, letters
    /// come again. One that is compared with itself has one letter.
    init(_ names: [String]) {
        let engines = names.reduce(into: [String]()) { list, name in
            if !list.contains(name) { list.append(name) }
        }
        let initials = engines.compactMap { $0.uppercased().first }
        let areNames = initials.allSatisfy { $0.isASCII && $0.isLetter }
        areInitials = areNames && Set(initials).count == engines.count
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        let chosen = areInitials ? initials : engines.indices.map { alphabet[$0 % alphabet.count] }
        letters = Dictionary(zip(engines, chosen)) { first, _ in first }
        legend = zip(chosen, engines).map { "\($0) \(FigureRendering.visible($1))" }
            .joined(separator: ", ")
    }

    /// The order of a pair.
    func word(_ order: [String]) -> String { String(order.map { letters[$0] ?? "?" }) }
}
