internal import Containers
internal import Synchronization

/// How far the file of one answer has been sent.
///
/// Theory of operation
///
///                      ┌──────────── the next window ────────────┐
///                      ▼                                         │
///     begin ──► ready (not known to be in memory) ──► ready ──► sent ──► the next part ──► finished
///                      │ it is not                      ▲ │ ▲
///                      ▼                   read, or     │ │ │ room
///                   warming ────────────────────────────┘ ▼ │
///                              nobody can            blocked
///
/// Between two calls the next part is always a segment of the file, because bytes go to the send
/// buffer as soon as their turn has come. Unchecked, because its only reference belongs to one
/// exchange, and so to one thread at a time.
final class FileDelivery: @unchecked Sendable {
    private let body: FileBody
    private var partIndex = 0

    /// Sent of the part at `partIndex`.
    private var offset = 0

    /// The file is known to be in memory up to here, or not to be helped.
    private var warmEnd = 0

    /// Somebody reads for us; set while that is so.
    private var warming: Warming?

    init(_ body: FileBody) {
        self.body = body
    }

    var source: FileSource { body.file }

    /// All has been sent, or is in the send buffer.
    var isFinished: Bool { partIndex == body.parts.count }

    /// Bytes come before the next segment.
    var isBeforeBytes: Bool {
        guard !isFinished, case .bytes = body.parts[partIndex] else { return false }
        return true
    }

    /// Appends the bytes before the next segment.
    func appendBytes(to output: inout ByteBuffer) {
        while partIndex < body.parts.count, case .bytes(let bytes) = body.parts[partIndex] {
            output.append(bytes.span)
            partIndex += 1
        }
    }

    /// The next bytes of the file, as many as that or fewer: those that are known to be in memory, if
    /// there are any.
    func window(atMost byteCount: Int) -> Range<Int> {
        guard case .file(let range) = body.parts[partIndex] else {
            preconditionFailure("what comes next is a segment of the file")
        }
        let start = range.lowerBound + offset
        let end = range.upperBound - start > byteCount ? start + byteCount : range.upperBound
        return start..<(warmEnd > start ? min(end, warmEnd) : end)
    }

    /// So many bytes of the window have gone.
    func sent(_ byteCount: Int) {
        guard case .file(let range) = body.parts[partIndex] else {
            preconditionFailure("what has been sent is a segment of the file")
        }
        precondition(byteCount <= range.count - offset)
        offset += byteCount
        guard offset == range.count else { return }
        offset = 0
        warmEnd = 0
        partIndex += 1
    }

    // MARK: Cold data

    /// Whether the window can be sent without another look.
    func isWarm(_ window: Range<Int>) -> Bool { window.upperBound <= warmEnd }

    /// The window is in memory, or nothing can be done about it.
    func noteWarm(_ window: Range<Int>) { warmEnd = window.upperBound }

    /// Somebody reads for us.
    var isWarming: Bool {
        guard let warming else { return false }
        return !warming.isDone.load(ordering: .acquiring)
    }

    /// Lets somebody read the window; `news` is called, on any thread, when that is done. False when
    /// nobody can.
    func startWarming(_ window: Range<Int>, news: @escaping @Sendable () -> Void) -> Bool {
        let warming = Warming()
        let isStarted = source.readElsewhere(window) {
            warming.isDone.store(true, ordering: .releasing)
            news()
        }
        guard isStarted else { return false }
        self.warming = warming
        // Not looked at again: what is thrown out of memory at once would be read for ever.
        noteWarm(window)
        return true
    }

    private final class Warming: Sendable {
        let isDone = Atomic(false)
    }
}
