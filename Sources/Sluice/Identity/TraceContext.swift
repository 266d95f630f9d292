/// The place of a request in a trace that goes through several programs (W3C Trace Context).
///
///     if let trace = request.trace {
///         outgoing.setField("traceparent", trace.traceparent)
///         if !trace.state.isEmpty { outgoing.setField("tracestate", trace.state) }
///     }
///
/// What this server does for the request is a span of its own, and what the request makes others do
/// is told that they work for this span.
public struct TraceContext: Sendable, Equatable {
    /// The trace: 32 hexadecimal digits, not all 0.
    public let traceID: String

    /// This server's part in it: 16 hexadecimal digits, not all 0, made for this request.
    public let spanID: String

    /// The span that this request belongs to, which the client has named; `nil`: the trace begins
    /// here.
    public let parentID: String?

    /// The trace is being recorded. What the client has said; `false` in a trace that begins here,
    /// until whoever decides that sets it.
    public var isSampled: Bool

    /// What vendors of tracers have written into `tracestate`, to be passed on as it is; empty:
    /// nothing.
    public let state: String

    /// The value of `traceparent` for what this request makes others do.
    public var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    init(
        traceID: String, spanID: String, parentID: String? = nil, isSampled: Bool = false,
        state: String = ""
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.isSampled = isSampled
        self.state = state
    }
}

/// `traceparent`, as it came.
struct TraceParent: Equatable {
    let traceID: String
    let parentID: String
    let isSampled: Bool

    /// Bytes of version 00; later ones begin in the same way.
    private static let byteCount = 55

    /// Reads the field's value. `nil` for whatever the recommendation calls invalid (§3.2.2): the
    /// trace then begins anew.
    init?(_ text: Span<UInt8>) {
        guard text.count >= Self.byteCount, let version = Self.number(text, 0..<2), version != 0xFF
        else { return nil }
        // What a later version adds begins behind another dash.
        let mayBeLonger = version != 0 && text.count > Self.byteCount
        guard text.count == Self.byteCount || mayBeLonger && Self.isDash(text, at: 55),
            Self.isDash(text, at: 2), Self.isDash(text, at: 35), Self.isDash(text, at: 52),
            let traceHigh = Self.number(text, 3..<19), let traceLow = Self.number(text, 19..<35),
            let parent = Self.number(text, 36..<52), let flags = Self.number(text, 53..<55),
            traceHigh | traceLow != 0, parent != 0
        else { return nil }
        traceID = String(copying: text.extracting(3..<35))
        parentID = String(copying: text.extracting(36..<52))
        isSampled = flags & 1 == 1
    }

    private static func isDash(_ text: Span<UInt8>, at index: Int) -> Bool {
        text[index] == UInt8(ascii: "-")
    }

    /// At most 16 lower-case hexadecimal digits.
    private static func number(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for index in range {
            switch text[index] {
            case 0x30...0x39: value = value << 4 | UInt64(text[index] - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(text[index] - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}

/// `tracestate` (§3.3).
enum TraceState {
    /// Bytes that are passed on: as many as the recommendation asks for at least.
    static let maxByteCount = 512
    /// Members that a list may have.
    static let maxMemberCount = 32

    /// Some lines of the field as one; members that are beyond the limit are left out. Empty when
    /// anything in them is not as it should be: the trace itself goes on without.
    static func joined(_ lines: [String]) -> String {
        var keys: Set<Substring> = []
        var state = ""
        for line in lines {
            for part in line.split(separator: ",") {
                let member = part.trimmingBlanks
                if member.isEmpty { continue }
                guard let equals = member.firstIndex(of: "="), isKey(member[..<equals].utf8),
                    isValue(member[member.index(after: equals)...].utf8),
                    keys.insert(member[..<equals]).inserted, keys.count <= maxMemberCount
                else { return "" }
                let separator = state.isEmpty ? "" : ","
                if state.utf8.count + separator.utf8.count + member.utf8.count <= maxByteCount {
                    state += separator + member
                }
            }
        }
        return state
    }

    /// `simple-key` or `multi-tenant-key`.
    private static func isKey(_ key: Substring.UTF8View) -> Bool {
        let parts = key.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ isPartOfKey($0) }) else { return false }
        guard parts.count == 2 else { return key.count <= 256 }
        return parts[0].count <= 241 && parts[1].count <= 14
    }

    private static func isPartOfKey(_ part: Substring.UTF8View.SubSequence) -> Bool {
        guard let first = part.first, isLowercaseOrDigit(first) else { return false }
        return part.allSatisfy { isLowercaseOrDigit($0) || "_-*/".utf8.contains($0) }
    }

    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }

    /// Visible ASCII and blanks without `,` and `=`, not ending in a blank.
    private static func isValue(_ value: Substring.UTF8View) -> Bool {
        guard (1...256).contains(value.count), value.last != 0x20 else { return false }
        return value.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x2C && $0 != 0x3D }
    }
}

extension Substring {
    /// Without blanks and tabs at its ends.
    fileprivate var trimmingBlanks: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
