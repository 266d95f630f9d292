internal import CZlib

/// Reads one compressed stream.
///
/// Holds about 40 KiB, most of it zlib's window, once the first bytes have come.
@safe
package struct Inflater: ~Copyable {
    /// What the stream is expected to be.
    package enum Format: Sendable {
        /// RFC 1952: members one behind the other, read as one (§2.2).
        case gzip
        /// What HTTP calls `deflate`: RFC 1950, or, as some clients have always sent it, RFC 1951
        /// without the wrapping. The first two bytes tell.
        case deflate
    }

    private enum State {
        /// Nothing has come, or, of `deflate`, one byte.
        case atStart(first: UInt8?)
        case inStream
        /// The stream may end here.
        case atEnd
        case failed(CompressionError)
    }

    private let format: Format
    private var state = State.atStart(first: nil)
    private var stream = ZStream()
    /// zlib has memory for the stream.
    private var isOpen = false

    /// A reader at the beginning of a stream.
    package init(_ format: Format) {
        self.format = format
    }

    deinit {
        // SAFETY: zlib has made this record a stream exactly when `isOpen`, and frees it here.
        if isOpen { unsafe _ = inflateEnd(stream.record) }
    }

    /// Reads on, and appends what comes of it.
    ///
    /// - Parameters:
    ///   - input: What follows in the stream; at the next call, what of it was not used.
    ///   - maxByteCount: The most to append, 1 or more. When so much came there may be more, even
    ///     without new input.
    /// - Returns: How many bytes of the input were used: all, unless so much came.
    /// - Throws: The same from then on. What was appended before is right.
    package mutating func inflate(
        _ input: Span<UInt8>, upTo maxByteCount: Int, into output: inout [UInt8]
    ) throws(CompressionError) -> Int {
        precondition(maxByteCount > 0, "there is no room")
        if case .failed(let error) = state { throw error }
        do throws(CompressionError) {
            return try read(input, upTo: maxByteCount, into: &output)
        } catch {
            state = .failed(error)
            throw error
        }
    }

    /// Says that nothing comes any more. A stream without a byte is whole, and empty.
    ///
    /// - Throws: `truncated` when something is missing.
    package mutating func finish() throws(CompressionError) {
        switch state {
        case .atStart(first: nil), .atEnd: return
        case .atStart, .inStream: throw .truncated
        case .failed(let error): throw error
        }
    }

    private mutating func read(
        _ input: Span<UInt8>, upTo maxByteCount: Int, into output: inout [UInt8]
    ) throws(CompressionError) -> Int {
        var offset = 0
        var room = maxByteCount
        while room > 0 {
            switch state {
            case .atStart(let first):
                guard try begin(input, &offset, after: first) else { return offset }
            case .inStream:
                let made = try step(input, &offset, room, into: &output)
                room -= made
                // Nothing more can come of what is there.
                if case .inStream = state, room > 0, offset == input.count { return offset }
            case .atEnd:
                guard offset < input.count else { return offset }
                try beginMember(input[offset])
            case .failed(let error):
                throw error
            }
        }
        return offset
    }

    /// One call of zlib; returns how many bytes it has made.
    private mutating func step(
        _ input: Span<UInt8>, _ offset: inout Int, _ room: Int, into output: inout [UInt8]
    ) throws(CompressionError) -> Int {
        let rest = input.extracting(offset...)
        let step = unsafe stream.step(rest, room: room, into: &output) { record in
            // SAFETY: a stream of ours, whose buffers `step` has set.
            unsafe CZlib.inflate(record, Z_NO_FLUSH)
        }
        offset += step.used
        switch step.status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: state = .atEnd
        case Z_MEM_ERROR: throw .outOfMemory
        // Also `Z_NEED_DICT`: there is no dictionary that HTTP would name.
        default: throw .corrupt
        }
        return step.made
    }

    /// Finds out what the stream is; false when a byte more is needed for that.
    private mutating func begin(
        _ input: Span<UInt8>, _ offset: inout Int, after first: UInt8?
    ) throws(CompressionError) -> Bool {
        guard offset < input.count else { return false }
        switch format {
        case .gzip:
            try open(windowBits: 15 + 16)
            return true
        case .deflate:
            if let first {
                try open(windowBits: Self.isZlibHeader(first, input[offset]) ? 15 : -15)
                try feed(first)
                return true
            }
            guard input.count - offset > 1 else {
                state = .atStart(first: input[offset])
                offset += 1
                return false
            }
            let isWrapped = Self.isZlibHeader(input[offset], input[offset + 1])
            try open(windowBits: isWrapped ? 15 : -15)
            return true
        }
    }

    /// RFC 1950 §2.2: method 8, a window of at most 32 KiB, and a check. As RFC 1951 the first byte
    /// would be a stored block whose padding is not zero, which nobody writes.
    private static func isZlibHeader(_ first: UInt8, _ second: UInt8) -> Bool {
        first & 0x0F == 8 && first >> 4 <= 7 && (Int(first) << 8 | Int(second)) % 31 == 0
    }

    private mutating func open(windowBits: Int32) throws(CompressionError) {
        // SAFETY: the record is fresh, and its size is the one that zlib was told.
        let status = unsafe inflateInit2_(
            stream.record, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .outOfMemory }
        isOpen = true
        state = .inStream
    }

    /// Gives zlib the one byte that has come before; nothing is made of it.
    private mutating func feed(_ byte: UInt8) throws(CompressionError) {
        var nothing: [UInt8] = []
        var offset = 0
        let made = try step([byte].span, &offset, 1, into: &nothing)
        precondition(made == 0 && offset == 1, "one byte makes nothing")
    }

    /// Goes on behind the end of a member.
    private mutating func beginMember(_ first: UInt8) throws(CompressionError) {
        guard format == .gzip, first == 0x1F else { throw .trailingBytes }
        // SAFETY: a record of ours that `open` has made a stream.
        let status = unsafe inflateReset(stream.record)
        precondition(status == Z_OK, "a stream that is ours can begin anew")
        state = .inStream
    }
}

// SAFETY: a reader is the only owner of its stream, so moving it moves all of it.
extension Inflater: @unchecked Sendable {}
