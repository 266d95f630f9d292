import Sluice
import TestSupport
import Testing

/// The look-up against a matcher that is as simple as can be: it tries every pattern, and a star at
/// every length.
@Suite struct RouteReferenceTests {
    /// A pattern as it is made up, with its parts still apart.
    struct Sample: Hashable {
        enum Part: Hashable {
            case literal(String)
            case parameter
        }

        var parts: [Part] = []
        var hasStar = false
        var suffix = ""
        var tail: [String] = []
        var isForgiving = false
        /// `nil`: any.
        var method: String?

        var text: String {
            let star = hasStar ? ["*" + suffix] + tail : []
            let names = parts.enumerated().map { index, part in
                if case .literal(let text) = part { text } else { "{p\(index)}" }
            }
            return "/" + (names + star).joined(separator: "/")
        }

        /// Two samples with the same key would conflict.
        var key: String { "\(method ?? "ANY") \(text)" }

        func isMatch(_ path: String) -> Bool {
            var segments = path.dropFirst().split(
                separator: "/", omittingEmptySubsequences: isForgiving || path == "/")
            segments = segments.map { segment in
                Substring(segment.replacing("%61", with: "a").replacing("%2F", with: "\u{1}"))
            }
            guard segments.count >= parts.count else { return false }
            for (part, segment) in zip(parts, segments) {
                switch part {
                case .literal(let text): guard segment == text else { return false }
                case .parameter: guard !segment.isEmpty else { return false }
                }
            }
            let rest = segments[parts.count...]
            guard hasStar else { return rest.isEmpty }
            return (0...rest.count).contains { length in
                guard rest.dropFirst(length).elementsEqual(tail, by: { $0 == $1 }) else {
                    return false
                }
                guard !suffix.isEmpty else { return true }
                return rest.prefix(length).last?.hasSuffix(suffix) ?? false
            }
        }

        /// What makes it more specific than another, the smallest first.
        var rank: [String] {
            let kinds = parts.map { part in
                if case .literal(let text) = part { "0" + text } else { "1" }
            }
            guard hasStar else { return kinds + ["2", isForgiving ? "1" : "0"] }
            let length = suffix.utf8.count + tail.reduce(0) { $0 + $1.utf8.count + 1 }
            return kinds + ["3\(900 - length)", isForgiving ? "1" : "0"]
        }
    }

    static func sample(using generator: inout SeededGenerator) -> Sample {
        var sample = Sample()
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let text = ["a", "b", "ab", "a.x"].randomElement(using: &generator) ?? "a"
            let isParameter = Int.random(in: 0..<3, using: &generator) == 0
            sample.parts.append(isParameter ? .parameter : .literal(text))
        }
        if Int.random(in: 0..<5, using: &generator) < 2 {
            sample.hasStar = true
            sample.suffix = ["", "", ".x", "b"].randomElement(using: &generator) ?? ""
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                sample.tail.append(["a", "b"].randomElement(using: &generator) ?? "a")
            }
        }
        sample.isForgiving = Bool.random(using: &generator)
        if !sample.isForgiving {
            sample.method = ["GET", "POST"].randomElement(using: &generator)
        }
        return sample
    }

    static func path(using generator: inout SeededGenerator) -> String {
        let segments = ["a", "b", "ab", "a.x", "%61", "%61b", "a%2Fb", "c"]
        var path = ""
        for _ in 0..<Int.random(in: 1...5, using: &generator) {
            path += Int.random(in: 0..<6, using: &generator) == 0 ? "//" : "/"
            path += segments.randomElement(using: &generator) ?? "a"
        }
        if Int.random(in: 0..<6, using: &generator) == 0 { path += "/" }
        return Int.random(in: 0..<30, using: &generator) == 0 ? "/" : path
    }

    static func lookup(_ samples: [Sample]) throws -> RouteLookup {
        var router = Router()
        for sample in samples {
            if sample.isForgiving {
                try router.map("\(sample.text) => x", to: ["x": { _, _ in }])
            } else {
                router.on(Method(rawValue: sample.method ?? ""), sample.text) { _, _ in }
            }
        }
        return try RouteLookup(router)
    }

    @Test(arguments: 0..<8)
    func `random routes are found as by trying them all`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var matchCount = 0
        for _ in 0..<60 {
            var samples: [String: Sample] = [:]
            for _ in 0..<Int.random(in: 1...25, using: &generator) {
                let sample = Self.sample(using: &generator)
                samples[sample.key] = sample
            }
            let sorted = samples.values.sorted { $0.key < $1.key }
            let lookups = try (0..<2).map { _ in
                try Self.lookup(sorted.shuffled(using: &generator))
            }
            for _ in 0..<40 {
                let path = Self.path(using: &generator)
                let matching = sorted.filter { $0.isMatch(path) }
                    .sorted { $0.rank.lexicographicallyPrecedes($1.rank) }
                let expected = matching.first { $0.method != "POST" }?.text
                matchCount += expected == nil ? 0 : 1
                for lookup in lookups {
                    #expect(
                        lookup.pattern(.get, Array(path.utf8)) == expected,
                        "\(path) in \(sorted.map(\.key))")
                    #expect(lookup.allow(Array(path.utf8)) == Self.allow(matching), "\(path)")
                }
            }
        }
        #expect(matchCount > 200, "most paths would match nothing")
    }

    static func allow(_ samples: [Sample]) -> String? {
        guard !samples.isEmpty else { return nil }
        if samples.contains(where: { $0.method == nil }) {
            return "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, TRACE"
        }
        let methods = Set(samples.map(\.method))
        return (methods.contains("GET") ? "GET, HEAD, " : "")
            + (methods.contains("POST") ? "POST, " : "") + "OPTIONS"
    }
}
