/// Which paths a route answers: fixed segments, at most one star, and how forgiving it is.
///
/// A star stands for any text, also none and also with slashes in it: `/v1/queue/stats/*`,
/// `/v1/*/start`, `*.data`. `{rest...}` is a star with a name.
struct RoutePattern: Sendable {
    /// One part of a path between two slashes.
    enum Segment: Equatable, Sendable {
        /// Exactly these bytes, once both sides are percent-decoded.
        case literal([UInt8])
        /// Any one segment that is not empty, by this name.
        case parameter(String)
    }

    /// A star, and what has to follow it.
    struct Star: Equatable, Sendable {
        /// The name of `{rest...}`; `nil` for `*`.
        var name: String?
        /// What the star's own segment ends with, such as `.data`; decoded.
        var suffix: [UInt8] = []
        /// The segments behind it; decoded.
        var tail: [[UInt8]] = []

        /// Bytes that have to follow: of two stars in one place, the one with more is the more
        /// specific, because both can match one path only if one's text ends with the other's.
        var textByteCount: Int { tail.reduce(suffix.count) { $0 + $1.count + 1 } }
    }

    /// The segments before the star, or all.
    private(set) var segments: [Segment] = []

    /// The star, if any.
    private(set) var star: Star?

    /// Whether doubled and trailing slashes of a request count for nothing.
    let isForgiving: Bool

    /// Segments of a pattern; more are a mistake. It bounds the places that a look-up may have to
    /// come back to, which lie in fixed storage.
    static let maxSegmentCount = 32

    /// The names of its parameters, in their order.
    var parameterNames: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
            + (star?.name.map { [$0] } ?? [])
    }

    /// The pattern as it is shown: one spelling for all that mean the same.
    var text: String { text(naming: true) }

    /// Equal for patterns that match the same paths, whatever their parameters are called.
    var shape: String { text(naming: false) }

    private func text(naming isNaming: Bool) -> String {
        var parts = segments.map { segment in
            switch segment {
            case .literal(let bytes): PathText.encoded(bytes)
            case .parameter(let name): isNaming ? "{\(name)}" : "{}"
            }
        }
        if let star {
            let name = isNaming ? star.name.map { "{\($0)...}" } : nil
            parts.append((name ?? "*") + PathText.encoded(star.suffix))
            parts += star.tail.map(PathText.encoded)
        }
        return "/" + parts.joined(separator: "/")
    }
}

extension RoutePattern {
    /// Reads a pattern. Literals may be percent-encoded: `/caf%C3%A9` and `/café` are the same, and
    /// `%2A` is a star that stands for itself.
    ///
    /// - Parameter isForgiving: Doubled, leading and trailing slashes of the pattern count for
    ///   nothing, and those of requests neither.
    init(_ pattern: String, isForgiving: Bool) throws(PatternFault) {
        self.isForgiving = isForgiving
        guard isForgiving || pattern.hasPrefix("/") || pattern.hasPrefix("*") else {
            throw PatternFault("a path begins with a slash")
        }
        var parts = pattern.split(separator: "/", omittingEmptySubsequences: isForgiving)
        // `/a` has nothing before its slash; `/` is the root, which has no segments.
        if !isForgiving, parts[0].isEmpty { parts.removeFirst() }
        if parts.count == 1, parts[0].isEmpty { parts.removeFirst() }
        guard parts.count <= Self.maxSegmentCount else {
            throw PatternFault("it has more than \(Self.maxSegmentCount) segments")
        }
        for (index, part) in parts.enumerated() {
            try append(part, isLast: index == parts.count - 1)
        }
        let names = parameterNames
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw PatternFault("it has two parameters called '\(name)'")
        }
    }

    private mutating func append(_ part: Substring, isLast: Bool) throws(PatternFault) {
        if part.hasPrefix("*") {
            guard star == nil else { throw PatternFault("a path has at most one star") }
            star = Star(suffix: try PathText.decoded(part.dropFirst()))
        } else if part.hasPrefix("{"), part.hasSuffix("}") {
            try appendParameter(part.dropFirst().dropLast(), isLast: isLast)
        } else {
            let bytes = try PathText.decoded(part)
            if star == nil {
                segments.append(.literal(bytes))
            } else {
                star?.tail.append(bytes)
            }
        }
    }

    private mutating func appendParameter(
        _ text: Substring, isLast: Bool
    ) throws(PatternFault) {
        let isRest = text.hasSuffix("...")
        let name = String(isRest ? text.dropLast(3) : text)
        guard
            let first = name.utf8.first, PathText.isNameByte(first), !PathText.isDigit(first),
            name.utf8.allSatisfy(PathText.isNameByte)
        else {
            throw PatternFault(
                "'\(name)' is no name for a parameter; use letters, digits and underscores")
        }
        guard star == nil else {
            throw PatternFault("'{\(text)}' stands behind a star; parameters come before it")
        }
        if isRest {
            guard isLast else { throw PatternFault("'{\(text)}' is not the last segment") }
            star = Star(name: name)
        } else {
            segments.append(.parameter(name))
        }
    }
}

/// What is wrong with a pattern: one clause that says what would be right.
struct PatternFault: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
