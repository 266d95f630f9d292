internal import HTTP1
internal import HTTPEngine

/// What the field `Range` asks for of a representation (RFC 9110 §14.2).
public enum ByteRangeSelection: Hashable, Sendable {
    /// All of it: the field has not come, does not count, or asks for more than all of it costs.
    case whole
    /// These parts, in the order in which they were asked for: none is empty, none overlaps another.
    case parts([Range<Int>])
    /// Nothing that there is: 416 with `Content-Range: bytes */N` (RFC 9110 §15.5.17).
    case unsatisfiable
}

extension Request {
    /// What of a representation the client wants. Only GET has ranges (RFC 9110 §14.2), in bytes;
    /// with `If-Range` they count only when it names what is there.
    ///
    ///     switch request.ranges(ofByteCount: file.count, validators) {
    ///     case .parts(let parts) where parts.count == 1: …
    ///
    /// Parts that overlap, or have so little between them that a part's own head would be longer, are
    /// made one. More than 16 ranges, a field with an error in it, and several parts that are with
    /// their heads as long as the whole, are as if there were no `Range`: no request costs more than
    /// what it is about.
    ///
    /// - Parameter validators: As for `evaluate`, which comes before this.
    public func ranges(
        ofByteCount byteCount: Int, _ validators: Validators = Validators()
    ) -> ByteRangeSelection {
        guard case .get = view.line.method, let index = fields.onlyIndex(of: "range"),
            Preconditions(view).allowsRange(of: validators)
        else { return .whole }
        return ByteRanges.select(
            fields.valueBytes(at: index), of: byteCount,
            partOverhead: ByteRanges.usualPartOverhead)
    }
}

/// Reading `Range`.
enum ByteRanges {
    /// Ranges of one request that are looked at: more than any player or download manager sends.
    /// With more, the whole is sent.
    static let maxCount = 16

    /// Bytes around a part of `multipart/byteranges` whose type is not known here: delimiter, two
    /// field lines, three numbers.
    static let usualPartOverhead = 160

    /// What a value asks for of so many bytes.
    ///
    /// - Parameter partOverhead: Bytes that a part costs beside its own, where there are several.
    static func select(
        _ value: Span<UInt8>, of byteCount: Int, partOverhead: Int
    ) -> ByteRangeSelection {
        guard value.count > 6, value.extracting(0..<6).equalsIgnoringCase("bytes=") else {
            return .whole
        }
        var parts: [Range<Int>] = []
        var (specCount, offset) = (0, 6)
        while offset < value.count {
            let end = value.firstIndex(of: UInt8(ascii: ","), in: offset..<value.count)
            let spec = value.trimmed(offset..<(end ?? value.count))
            offset = (end ?? value.count) + 1
            if spec.isEmpty { continue }
            specCount += 1
            guard specCount <= maxCount else { return .whole }
            switch range(value.extracting(spec), of: byteCount) {
            case .bytes(let range): insert(range, into: &parts, gap: partOverhead)
            case .nothing: break
            case .malformed, .everythingOfNothing: return .whole
            }
        }
        if parts.isEmpty { return specCount == 0 ? .whole : .unsatisfiable }
        if parts.count > 1,
            parts.reduce(0, { $0 + $1.count + partOverhead }) >= byteCount
        {
            return .whole
        }
        return .parts(parts)
    }

    /// What one `range-spec` comes to.
    private enum Spec {
        case bytes(Range<Int>)
        /// It lies behind the end.
        case nothing
        case malformed
        /// The last bytes of a representation that has none: satisfiable (RFC 9110 §14.1.2), but no
        /// `Content-Range` can say so.
        case everythingOfNothing
    }

    private static func range(_ spec: Span<UInt8>, of byteCount: Int) -> Spec {
        guard let dash = spec.firstIndex(of: UInt8(ascii: "-"), in: spec.indices) else {
            return .malformed
        }
        if dash == 0 {
            guard let length = number(spec.extracting(1...)) else { return .malformed }
            if length == 0 { return .nothing }
            if byteCount == 0 { return .everythingOfNothing }
            return .bytes(max(0, byteCount - length)..<byteCount)
        }
        guard let first = number(spec.extracting(..<dash)) else { return .malformed }
        var last = Int.max
        if dash + 1 < spec.count {
            guard let stated = number(spec.extracting((dash + 1)...)), stated >= first else {
                return .malformed
            }
            last = stated
        }
        guard first < byteCount else { return .nothing }
        return .bytes(first..<min(last, byteCount - 1) + 1)
    }

    /// `1*DIGIT`; what does not fit is more than any file has.
    private static func number(_ digits: Span<UInt8>) -> Int? {
        guard !digits.isEmpty else { return nil }
        var value = 0
        for index in digits.indices {
            guard PathText.isDigit(digits[index]) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(digits[index]) - 0x30)
            value = overflow || carry ? Int.max : sum
        }
        return value
    }

    /// Adds a range, made one with all that it touches, in the place of the first of them.
    private static func insert(_ range: Range<Int>, into parts: inout [Range<Int>], gap: Int) {
        var range = range
        var place = parts.count
        // What it has swallowed may reach others: at most `maxCount` rounds.
        while let index = parts.firstIndex(where: { isClose($0, range, gap: gap) }) {
            let other = parts.remove(at: index)
            range =
                min(range.lowerBound, other.lowerBound)..<max(range.upperBound, other.upperBound)
            place = min(place, index)
        }
        parts.insert(range, at: min(place, parts.count))
    }

    private static func isClose(_ first: Range<Int>, _ second: Range<Int>, gap: Int) -> Bool {
        first.lowerBound - second.upperBound <= gap && second.lowerBound - first.upperBound <= gap
    }
}
