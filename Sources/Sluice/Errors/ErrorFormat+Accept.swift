internal import HTTP1
internal import HTTPEngine

extension ErrorFormat {
    /// The form that the `Accept` lines of a request prefer (RFC 9110 §12.5.1): that of the highest
    /// weight; among equals the one that is named most exactly, then the one that is named first.
    init(preferredBy request: RequestView) {
        var preference = FormatPreference()
        for index in 0..<request.fields.count
        where request.bytes.extracting(request.fields[index].name).equalsIgnoringCase("accept") {
            preference.note(request.bytes.extracting(request.fields[index].value))
        }
        self = preference.format
    }
}

/// The weights that `Accept` gives to the three forms of an error.
struct FormatPreference {
    /// What the most exact media range that a form matches says.
    private struct Weight {
        /// Thousandths; 0: not acceptable.
        var quality = 0
        /// 0 for `*/*`, 1 for `text/*`, 2 for `text/html`; −1: no range matches.
        var exactness = -1
        /// Which range it is.
        var position = 0
    }

    /// Ranges that are looked at: a browser sends about eight. What follows is not read.
    private static let maxRanges = 32

    private var text = Weight()
    private var json = Weight()
    private var html = Weight()
    private var rangeCount = 0

    /// The best form; text when none is acceptable, because an error must be said somehow.
    var format: ErrorFormat {
        var best = (format: ErrorFormat.text, weight: text)
        if Self.isBetter(json, best.weight) { best = (.json, json) }
        if Self.isBetter(html, best.weight) { best = (.html, html) }
        return best.format
    }

    private static func isBetter(_ one: Weight, _ other: Weight) -> Bool {
        if one.quality == 0 { return false }
        if one.quality != other.quality { return one.quality > other.quality }
        if one.exactness != other.exactness { return one.exactness > other.exactness }
        return one.position < other.position
    }

    /// Takes in the value of one line.
    mutating func note(_ value: Span<UInt8>) {
        var start = 0
        while start < value.count && rangeCount < Self.maxRanges {
            let end = value.endOfPart(from: start, separator: UInt8(ascii: ","))
            noteRange(value.extracting(start..<end))
            start = end + 1
        }
    }

    private mutating func noteRange(_ range: Span<UInt8>) {
        rangeCount += 1
        let typeEnd = range.endOfPart(from: 0, separator: UInt8(ascii: ";"))
        guard let quality = Self.quality(range, from: typeEnd) else { return }
        let type = range.extracting(0..<typeEnd).withoutBlanks
        func weight(_ exactness: Int) -> Weight {
            Weight(quality: quality, exactness: exactness, position: rangeCount)
        }
        if type.equalsIgnoringCase("*/*") {
            Self.put(weight(0), into: &text)
            Self.put(weight(0), into: &json)
            Self.put(weight(0), into: &html)
        } else if type.equalsIgnoringCase("text/*") {
            Self.put(weight(1), into: &text)
            Self.put(weight(1), into: &html)
        } else if type.equalsIgnoringCase("application/*") {
            Self.put(weight(1), into: &json)
        } else if type.equalsIgnoringCase("text/plain") {
            Self.put(weight(2), into: &text)
        } else if type.equalsIgnoringCase("text/html") {
            Self.put(weight(2), into: &html)
        } else if type.equalsIgnoringCase("application/json")
            || type.equalsIgnoringCase("application/problem+json")
        {
            Self.put(weight(2), into: &json)
        }
    }

    private static func put(_ weight: Weight, into current: inout Weight) {
        if weight.exactness > current.exactness
            || (weight.exactness == current.exactness && weight.quality > current.quality)
        {
            current = weight
        }
    }

    /// The weight in thousandths (RFC 9110 §12.4.2); 1000 without one; `nil` for what is none.
    private static func quality(_ range: Span<UInt8>, from typeEnd: Int) -> Int? {
        var start = typeEnd + 1
        while start < range.count {
            let end = range.endOfPart(from: start, separator: UInt8(ascii: ";"))
            let parameter = range.extracting(start..<end).withoutBlanks
            if parameter.count >= 2, parameter.extracting(0..<2).equalsIgnoringCase("q=") {
                return thousandths(parameter.extracting(2...))
            }
            start = end + 1
        }
        return 1_000
    }

    private static func thousandths(_ text: Span<UInt8>) -> Int? {
        guard (1...5).contains(text.count) else { return nil }
        var value = 0
        var unit = 1_000
        for index in 0..<text.count where index != 1 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) else { return nil }
            value += Int(text[index] - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        if text.count > 1, text[1] != UInt8(ascii: ".") { return nil }
        return value <= 1_000 ? value : nil
    }
}

extension Span where Element == UInt8 {
    /// Where the next separator outside a quoted string stands (RFC 9110 §5.6.4), or the end.
    fileprivate func endOfPart(from start: Int, separator: UInt8) -> Int {
        var index = start
        var isQuoted = false
        while index < count {
            let byte = self[index]
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if isQuoted && byte == UInt8(ascii: "\\") {
                index += 1
            } else if !isQuoted && byte == separator {
                return index
            }
            index += 1
        }
        return count
    }

    /// The bytes without the blanks around them.
    fileprivate var withoutBlanks: Span<UInt8> {
        @_lifetime(copy self)
        get {
            var lower = 0
            var upper = count
            while lower < upper, self[lower].isBlank { lower += 1 }
            while upper > lower, self[upper - 1].isBlank { upper -= 1 }
            return extracting(lower..<upper)
        }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
