internal import HTTP1

/// A name for one state of a representation (RFC 9110 §8.8.3), such as `"33a64df5"`, or weak,
/// `W/"33a64df5"`: then it stays the same when only bytes change that do not matter.
public struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    /// What stands between the quotation marks.
    public let value: String
    /// Equal weak tags promise the same meaning, but not the same bytes.
    public let isWeak: Bool

    /// A tag; `nil` when the value holds a quotation mark, a blank or a control character.
    public init?(value: String, isWeak: Bool = false) {
        guard value.utf8.allSatisfy(\.isEntityTagByte) else { return nil }
        self.value = value
        self.isWeak = isWeak
    }

    /// Reads a tag as it stands in a field: `"…"` or `W/"…"`; `nil` for anything else.
    public init?(_ text: String) {
        let bytes = text.utf8.span
        guard case .tag(let range, let isWeak, let end) = bytes.entityTag(from: 0, to: bytes.count),
            end == bytes.count
        else { return nil }
        value = String(copying: bytes.extracting(range))
        self.isWeak = isWeak
    }

    /// A tag that is right by construction.
    init(known value: String, isWeak: Bool) {
        self.value = value
        self.isWeak = isWeak
    }

    /// As in a field.
    public var description: String { isWeak ? "W/\"\(value)\"" : "\"\(value)\"" }

    /// Whether both name the same bytes: equal, and neither weak (RFC 9110 §8.8.3.2).
    public func matchesStrongly(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && value == other.value
    }

    /// Whether both name the same meaning: equal, weak or not (RFC 9110 §8.8.3.2).
    public func matchesWeakly(_ other: EntityTag) -> Bool {
        value == other.value
    }
}

/// What begins at some place in a list of entity tags.
enum EntityTagElement {
    /// A tag: the range between its quotation marks, and where it ends.
    case tag(Range<Int>, isWeak: Bool, end: Int)
    /// `*`, and where it ends.
    case any(end: Int)
    /// Neither.
    case malformed
}

extension Span where Element == UInt8 {
    /// The tag, or `*`, that begins at an offset.
    func entityTag(from start: Int, to end: Int) -> EntityTagElement {
        guard start < end else { return .malformed }
        if self[start] == UInt8(ascii: "*") { return .any(end: start + 1) }
        // `W/` has a case (RFC 9110 §8.8.3).
        let isWeak =
            end - start > 2 && self[start] == UInt8(ascii: "W")
            && self[start + 1] == UInt8(ascii: "/")
        let quote = isWeak ? start + 2 : start
        guard quote < end, self[quote] == UInt8(ascii: "\"") else { return .malformed }
        var index = quote + 1
        while index < end, self[index].isEntityTagByte { index += 1 }
        guard index < end, self[index] == UInt8(ascii: "\"") else { return .malformed }
        return .tag(quote + 1..<index, isWeak: isWeak, end: index + 1)
    }

    /// Whether a list of entity tags holds one that fits; `*` always does. What is malformed fits
    /// nothing, up to the next comma. O(n).
    func hasEntityTag(where fits: (_ value: Span<UInt8>, _ isWeak: Bool) -> Bool) -> Bool {
        var offset = 0
        while offset < count {
            let start = trimmed(offset..<count).lowerBound
            switch entityTag(from: start, to: count) {
            case .any: return true
            case .tag(let range, let isWeak, let end):
                if fits(extracting(range), isWeak) { return true }
                offset = end
            case .malformed: offset = start
            }
            offset = (firstIndex(of: UInt8(ascii: ","), in: offset..<count) ?? count) + 1
        }
        return false
    }
}

extension UInt8 {
    /// `etagc`: visible but for the quotation mark, and what is above ASCII (RFC 9110 §8.8.3).
    fileprivate var isEntityTagByte: Bool {
        self == 0x21 || (0x23...0x7E).contains(self) || self >= 0x80
    }
}
