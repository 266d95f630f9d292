internal import Containers
internal import Syscalls

/// The texts that `ExchangeCapture` has kept of an exchange.
struct CapturedExchange: ~Escapable {
    private let bytes: Span<UInt8>
    private let head: CapturedHead
    /// Where the target begins, and where it ends.
    private let targetStart: Int
    private let rest: Int

    /// - Parameter bytes: What was kept; empty: nothing was.
    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
        guard bytes.count >= MemoryLayout<CapturedHead>.size else {
            head = CapturedHead()
            targetStart = bytes.count
            rest = bytes.count
            return
        }
        head = bytes.value(at: 0, as: CapturedHead.self)
        targetStart = Self.methodStart + Int(head.methodCount) + 1
        rest = targetStart + Int(head.targetCount)
    }

    private static let methodStart = MemoryLayout<CapturedHead>.size

    /// It became a request; otherwise `target` is the first line of what came, perhaps empty.
    var isRequest: Bool { head.isRequest }

    /// Who has sent it; `nil` when nothing was kept.
    var client: SocketAddress? { bytes.isEmpty ? nil : head.client }

    /// 0 or 1.
    var minorVersion: UInt8 { head.minorVersion }

    /// As it was sent.
    var target: Span<UInt8> {
        @_lifetime(copy self)
        get { text(targetStart, Int(head.targetCount)) }
    }

    var method: Span<UInt8> {
        @_lifetime(copy self)
        get { text(Self.methodStart, Int(head.methodCount)) }
    }

    /// Encoded; empty where the target has none: `*`, an authority, or a URL that ends with its host.
    var path: Span<UInt8> {
        @_lifetime(copy self)
        get { part(Int(head.pathStart), Int(head.pathCount)) }
    }

    /// Without its mark.
    var query: Span<UInt8> {
        @_lifetime(copy self)
        get { part(Int(head.queryStart), Int(head.queryCount)) }
    }

    /// A text behind the target.
    @_lifetime(copy self)
    func text(_ range: Range<Int>) -> Span<UInt8> {
        bytes.extracting(range)
    }

    /// Calls `body` with the tag of each text behind the target, and where it is.
    func forEachText(_ body: (UInt8, Range<Int>) -> Void) {
        var offset = rest
        while offset < bytes.count {
            let text = bytes.value(at: offset, as: CapturedText.self)
            let start = offset + MemoryLayout<CapturedText>.size
            body(text.tag, start..<start + text.count)
            offset = start + text.count
        }
    }

    /// A part of the target, which may have been cut off before its end.
    @_lifetime(copy self)
    private func part(_ start: Int, _ count: Int) -> Span<UInt8> {
        let end = min(start + count, Int(head.targetCount))
        return text(targetStart + min(start, end), max(0, end - start))
    }

    @_lifetime(copy self)
    private func text(_ start: Int, _ count: Int) -> Span<UInt8> {
        // Where nothing was kept, there is no place for an empty text either.
        count > 0 ? bytes.extracting(start..<start + count) : bytes.extracting(0..<0)
    }
}
