// Compression: gzip and deflate streams, bytes in and bytes out, over the system's zlib.
//
// Knows: RFC 1950, 1951 and 1952 as zlib does them. Must not know: HTTP, I/O, policy.
// Both directions are incremental: input comes in pieces of any size, output is appended to arrays
// of the caller's. A compressor's memory is taken when it is made and kept through `reset`.

internal import CZlib

/// Compresses one stream after the other.
@safe
package struct Deflater: ~Copyable {
    /// How the stream is wrapped.
    package enum Format: Sendable {
        /// RFC 1952: a header without name and time, and a CRC-32 at the end.
        case gzip
        /// RFC 1950, which HTTP calls `deflate`.
        case zlib
        /// RFC 1951, without header and checksum.
        case raw
    }

    /// What is to be known at once of what has been given.
    package enum Flush: Sendable {
        /// Nothing: zlib collects until it pays.
        case none
        /// All of it: the bytes end at a byte's border, and a reader gets everything so far
        /// (`Z_SYNC_FLUSH`). Costs four bytes or five.
        case sync
        /// All of it, and nothing comes any more.
        case finish
    }

    /// How hard and in how much memory.
    package struct Settings: Equatable, Sendable {
        /// 1, the fastest, to 9, the smallest.
        package let level: Int
        /// 1 to 9, of zlib's tables. 8 is zlib's default.
        package let memoryLevel: Int
        /// Base-2 logarithm of how far back repetitions are seen: 9 to 15.
        package let windowBits: Int

        /// Bytes that a compressor holds in its two large tables (zconf.h); some 6 KiB come on top.
        package var byteCount: Int { (1 << (windowBits + 2)) + (1 << (memoryLevel + 9)) }

        /// The best that fits into so many bytes.
        ///
        /// - Precondition: The level is in 1 ... 9, and `memory` at least `minByteCount`.
        package init(level: Int, memory: Int) {
            precondition((1...9).contains(level), "zlib has levels from 1 to 9")
            precondition(memory >= Self.minByteCount, "too little for zlib")
            self.level = level
            var best = 1
            while best < 9, Self.byteCount(ofMemoryLevel: best + 1) <= memory { best += 1 }
            memoryLevel = best
            windowBits = Self.windowBits(ofMemoryLevel: best)
        }

        /// The least that a compressor can do with.
        package static var minByteCount: Int { byteCount(ofMemoryLevel: 1) }

        /// Beyond this nothing gets better.
        package static var maxByteCount: Int { byteCount(ofMemoryLevel: 9) }

        /// As zlib pairs them by default: 15 with 8. For gzip there is no window of 8 bits.
        private static func windowBits(ofMemoryLevel level: Int) -> Int {
            min(15, max(9, level + 7))
        }

        private static func byteCount(ofMemoryLevel level: Int) -> Int {
            (1 << (windowBits(ofMemoryLevel: level) + 2)) + (1 << (level + 9))
        }
    }

    private var stream: ZStream

    /// The stream has been finished; `reset` begins the next.
    package private(set) var isFinished = false

    /// A compressor at the beginning of a stream.
    ///
    /// - Throws: `outOfMemory`.
    package init(_ format: Format, _ settings: Settings) throws(CompressionError) {
        let windowBits =
            switch format {
            case .gzip: settings.windowBits + 16
            case .zlib: settings.windowBits
            case .raw: -settings.windowBits
            }
        stream = ZStream()
        // SAFETY: the record is fresh, and its size is the one that zlib was told.
        let status = unsafe deflateInit2_(
            stream.record, Int32(settings.level), Z_DEFLATED, Int32(windowBits),
            Int32(settings.memoryLevel), Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .outOfMemory }
    }

    deinit {
        // SAFETY: a record of ours; zlib frees what it has allocated for it.
        unsafe _ = deflateEnd(stream.record)
    }

    /// Begins another stream with the same settings and the same memory.
    package mutating func reset() {
        // SAFETY: a record of ours that `init` has made a stream.
        let status = unsafe deflateReset(stream.record)
        precondition(status == Z_OK, "a stream that is ours can begin anew")
        isFinished = false
    }

    /// Takes all of the input and appends what comes of it. O(input); a mebibyte of text takes some
    /// 25 ms at level 4, and 50 at level 6.
    ///
    /// - Precondition: The stream has not been finished.
    package mutating func deflate(
        _ input: Span<UInt8>, _ flush: Flush, into output: inout [UInt8]
    ) {
        precondition(!isFinished, "a stream that has been finished takes no more")
        let mode =
            switch flush {
            case .none: Z_NO_FLUSH
            case .sync: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        var offset = 0
        while true {
            let rest = input.extracting(offset...)
            // More than six bytes, or zlib would repeat the mark of a flush.
            let room = max(64, rest.count / 2)
            let step = unsafe stream.step(rest, room: room, into: &output) { record in
                // SAFETY: a stream of ours, whose buffers `step` has set.
                unsafe CZlib.deflate(record, mode)
            }
            // A flush with nothing to do is no error (`Z_BUF_ERROR`); all else is a bug of ours.
            precondition(
                step.status == Z_OK || step.status == Z_STREAM_END || step.status == Z_BUF_ERROR,
                "zlib has lost its state")
            offset += step.used
            if step.status == Z_STREAM_END {
                isFinished = true
                return
            }
            if offset == input.count, !step.isFull, flush != .finish { return }
        }
    }
}

// SAFETY: a compressor is the only owner of its stream, so moving it moves all of it.
extension Deflater: @unchecked Sendable {}
