//  chunk-size line               data                       last chunk
//
//   sizeStart ── HEXDIG ──► size ── CR ──► sizeEnd ── LF ──► data ── count bytes ──► dataEnd
//       ▲                    │ ";"           ▲  │                                      │ CR
//       │                    ▼               │  └─ LF, size was 0 ──► trailerStart     ▼
//       │             extensionStart ──► extension                     │   ▲        dataLineEnd
//       │                                                              │   │           │ LF
//       └──────────────────────────────────────────────────────────────┼───┼───────────┘
//                                                                      │   │
//     trailerStart ── tchar ──► trailerName ── ":" ──► trailerValue ── CR ► trailerLineEnd ─ LF ┘
//     trailerStart ── CR ──► lastLineEnd ── LF ──► ended
//
// Theory of operation: the decoder holds no bytes. It says which runs of the bytes given to it
// belong to the body, and remembers between calls only where in this picture it is, so a body
// comes out the same however it was split, and each byte is looked at once.

/// What was found in the bytes given to `ChunkedDecoder.decode`.
package enum ChunkEvent: Equatable, Sendable, BitwiseCopyable {
    /// These bytes belong to the body; at least one. Go on behind them, at `start + count`.
    case data(start: Int, count: Int)
    /// All bytes are consumed, and the body goes on.
    case needMore
    /// The body, with its trailer section, ends before this offset.
    case end(nextOffset: Int)
}

/// Decodes a body in the chunked coding (RFC 9112 §7.1), incrementally and in place.
///
/// Strict: no whitespace around the size or before an extension (the grammar's BWS, which is there
/// for historical senders only), CRLF and nothing else at the end of lines. Fields of the trailer
/// section are checked for syntax and given to nobody who does not look for them
/// (`isBehindData`): RFC 9110 §6.5.1 forbids to merge those that matter.
///
/// Many tiny chunks are legal, and cost at most 20 bytes each besides extensions, so a body is
/// bounded on the wire whenever its data are.
package struct ChunkedDecoder: Equatable, Sendable, BitwiseCopyable {
    /// Digits of a chunk size, leading zeros included: those of a 64-bit number.
    package static var maxSizeDigits: Int { 16 }
    /// Bytes of all chunk extensions of a body together. Nobody uses them; 400 beyond that.
    package static var maxExtensionBytes: Int { 4096 }
    /// Bytes of the trailer section without the empty line at its end; 400 beyond that.
    package static var maxTrailerBytes: Int { 8192 }
    /// Lines of the trailer section; 400 beyond that.
    package static var maxTrailerLines: Int { FieldSection.maxCount }

    private enum State: UInt8 {
        case sizeStart, size, extensionStart, `extension`, sizeEnd
        case data, dataEnd, dataLineEnd
        case trailerStart, trailerName, trailerValue, trailerLineEnd, lastLineEnd
        case ended
    }

    private var state = State.sizeStart
    private var sizeDigits: UInt8 = 0
    private var trailerLines: UInt8 = 0
    private var extensionBytes: UInt16 = 0
    private var trailerBytes: UInt16 = 0
    /// The size of the chunk while its line is read, then what is left of its data.
    private var remaining = 0

    /// Where the trailer section began, in the bytes of the call in which it did.
    package private(set) var trailerStart = 0

    /// A decoder at the start of a body.
    package init() {}

    /// Bytes of the present chunk's data that have not been given out: with what has been, a lower
    /// bound of the body's size, so that a chunk beyond a limit can be refused before it comes.
    package var pendingDataCount: Int { state == .data ? remaining : 0 }

    /// Whether the data are complete, and what follows is the trailer section and its end.
    package var isBehindData: Bool {
        switch state {
        case .trailerStart, .trailerName, .trailerValue, .trailerLineEnd, .lastLineEnd, .ended: true
        case .sizeStart, .size, .extensionStart, .extension, .sizeEnd, .data, .dataEnd,
            .dataLineEnd:
            false
        }
    }

    /// Whether the whole body has been decoded.
    package var isComplete: Bool { state == .ended }

    /// Decodes from `start` on, up to the next run of data or the end of the bytes.
    ///
    /// Call it again behind the data of a `.data` event, even if no bytes are left there. After a
    /// fault or the end, a new decoder is needed. Precondition: `start` lies within `bytes`.
    package mutating func decode(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(ParseError) -> ChunkEvent {
        precondition(start >= 0 && start <= bytes.count)
        var offset = start
        while offset < bytes.count {
            switch state {
            case .data:
                let count = min(remaining, bytes.count &- offset)
                remaining &-= count
                if remaining == 0 { state = .dataEnd }
                return .data(start: offset, count: count)
            case .sizeStart, .size, .extensionStart, .extension, .sizeEnd:
                offset = try readSizeLine(bytes, at: offset)
            case .dataEnd:
                guard bytes[offset] == .carriageReturn else {
                    throw ParseError(.missingChunkEnd, at: offset)
                }
                state = .dataLineEnd
                offset &+= 1
            case .dataLineEnd:
                guard bytes[offset] == .lineFeed else {
                    throw ParseError(.missingChunkEnd, at: offset)
                }
                state = .sizeStart
                offset &+= 1
            case .trailerStart, .trailerName, .trailerValue, .trailerLineEnd, .lastLineEnd:
                offset = try readTrailer(bytes, at: offset)
            case .ended:
                return .end(nextOffset: offset)
            }
        }
        return state == .ended ? .end(nextOffset: offset) : .needMore
    }

    /// Consumes at least one byte of a chunk-size line; returns the offset behind what it consumed.
    private mutating func readSizeLine(
        _ bytes: Span<UInt8>, at offset: Int
    ) throws(ParseError) -> Int {
        let byte = bytes[offset]
        switch state {
        case .sizeStart, .size:
            if let digit = byte.hexadecimalValue {
                try appendSizeDigit(digit, at: offset)
                state = .size
                return offset &+ 1
            }
            guard state == .size else { throw fault(.invalidChunkSize, byte, at: offset) }
            switch byte {
            case .carriageReturn: state = .sizeEnd
            case .ascii(";"):
                try countExtensionBytes(1, from: offset)
                state = .extensionStart
            default: throw fault(.invalidChunkSize, byte, at: offset)
            }
            return offset &+ 1
        case .extensionStart:
            // An extension has a name. What follows is not looked into, but for control bytes.
            guard ByteSet.token.contains(byte) else {
                throw fault(.invalidChunkExtension, byte, at: offset)
            }
            state = .extension
            return offset
        case .extension:
            let end = bytes.endOfFieldValue(from: offset)
            try countExtensionBytes(end &- offset, from: offset)
            guard end < bytes.count else { return end }
            guard bytes[end] == .carriageReturn else {
                throw fault(.invalidChunkExtension, bytes[end], at: end)
            }
            state = .sizeEnd
            return end &+ 1
        case .sizeEnd:
            guard byte == .lineFeed else { throw ParseError(.bareCarriageReturn, at: offset &- 1) }
            state = remaining == 0 ? .trailerStart : .data
            if remaining == 0 { trailerStart = offset &+ 1 }
            sizeDigits = 0
            return offset &+ 1
        case .data, .dataEnd, .dataLineEnd, .trailerStart, .trailerName, .trailerValue,
            .trailerLineEnd, .lastLineEnd, .ended:
            preconditionFailure("not in a chunk-size line")
        }
    }

    private mutating func appendSizeDigit(_ digit: UInt8, at offset: Int) throws(ParseError) {
        // `remaining` is 0 when a line begins, since all data of the chunk before are consumed.
        guard sizeDigits < ChunkedDecoder.maxSizeDigits, remaining <= Int.max >> 4 else {
            throw ParseError(.chunkSizeTooLarge, at: offset)
        }
        remaining = remaining << 4 | Int(digit)
        sizeDigits += 1
    }

    /// Consumes bytes of the trailer section; returns the offset behind them.
    private mutating func readTrailer(
        _ bytes: Span<UInt8>, at offset: Int
    ) throws(ParseError) -> Int {
        let byte = bytes[offset]
        switch state {
        case .trailerStart:
            if byte == .carriageReturn {
                state = .lastLineEnd
                return offset &+ 1
            }
            guard ByteSet.token.contains(byte) else { throw faultInTrailer(byte, at: offset) }
            guard trailerLines < ChunkedDecoder.maxTrailerLines else {
                throw ParseError(.trailerSectionTooLarge, at: offset)
            }
            trailerLines += 1
            state = .trailerName
            return offset
        case .trailerName:
            let end = bytes.endOfToken(from: offset)
            try countTrailerBytes(end &- offset, from: offset)
            guard end < bytes.count else { return end }
            guard bytes[end] == .ascii(":") else { throw faultInTrailer(bytes[end], at: end) }
            try countTrailerBytes(1, from: end)
            state = .trailerValue
            return end &+ 1
        case .trailerValue:
            let end = bytes.endOfFieldValue(from: offset)
            try countTrailerBytes(end &- offset, from: offset)
            guard end < bytes.count else { return end }
            guard bytes[end] == .carriageReturn else {
                throw fault(.controlByteInValue, bytes[end], at: end)
            }
            try countTrailerBytes(2, from: end)
            state = .trailerLineEnd
            return end &+ 1
        case .trailerLineEnd, .lastLineEnd:
            guard byte == .lineFeed else { throw ParseError(.bareCarriageReturn, at: offset &- 1) }
            state = state == .lastLineEnd ? .ended : .trailerStart
            return offset &+ 1
        case .sizeStart, .size, .extensionStart, .extension, .sizeEnd, .data, .dataEnd,
            .dataLineEnd, .ended:
            preconditionFailure("not in a trailer section")
        }
    }

    private mutating func countExtensionBytes(
        _ count: Int, from offset: Int
    ) throws(ParseError) {
        let room = ChunkedDecoder.maxExtensionBytes - Int(extensionBytes)
        guard count <= room else { throw ParseError(.chunkExtensionsTooLong, at: offset + room) }
        extensionBytes += UInt16(count)
    }

    private mutating func countTrailerBytes(_ count: Int, from offset: Int) throws(ParseError) {
        let room = ChunkedDecoder.maxTrailerBytes - Int(trailerBytes)
        guard count <= room else { throw ParseError(.trailerSectionTooLarge, at: offset + room) }
        trailerBytes += UInt16(count)
    }

    /// A fault of the kind `kind`, unless it is a line that ends with LF alone.
    private func fault(_ kind: ParseError.Kind, _ byte: UInt8, at offset: Int) -> ParseError {
        ParseError(byte == .lineFeed ? .bareLineFeed : kind, at: offset)
    }

    private func faultInTrailer(_ byte: UInt8, at offset: Int) -> ParseError {
        let isStart = state == .trailerStart
        return switch byte {
        case .ascii(":"): ParseError(.emptyFieldName, at: offset)
        case .space, .horizontalTab:
            ParseError(isStart ? .obsoleteLineFolding : .spaceBeforeColon, at: offset)
        default: fault(.invalidFieldName, byte, at: offset)
        }
    }
}
