internal import Compression
internal import HTTPEngine
internal import Synchronization

/// Compressors of one kind, lent to one body after the other: making one costs its memory, 256 KiB
/// of it, and as much time as a small body. Any thread.
final class CompressorPool: Sendable {
    /// Compressors that are kept while nobody needs them; a loop needs one for each answer that is
    /// streamed, and one more for all others.
    private static let maxIdleCount = 8

    private struct State {
        var idle: [Compressor] = []
        /// Those that are lent.
        var lentCount = 0
    }

    private let settings: Deflater.Settings
    private let maxCount: Int
    private let state = Mutex(State())

    /// - Parameter maxCount: How many may be lent at a time.
    init(_ settings: Deflater.Settings, maxCount: Int) {
        self.settings = settings
        self.maxCount = maxCount
    }

    /// A compressor for one body; `nil` when too many are lent, or when there is no memory.
    func lend() -> BodyCompressor? {
        let (isFree, idle) = state.withLock { state in
            guard state.lentCount < maxCount else { return (false, Compressor?.none) }
            state.lentCount += 1
            return (true, state.idle.popLast())
        }
        guard isFree else { return nil }
        if let compressor = idle ?? (try? Compressor(settings)) {
            return BodyCompressor(compressor, of: self)
        }
        state.withLock { $0.lentCount -= 1 }
        return nil
    }

    fileprivate func takeBack(_ compressor: Compressor) {
        compressor.reset()
        state.withLock { state in
            state.lentCount -= 1
            if state.idle.count < Self.maxIdleCount { state.idle.append(compressor) }
        }
    }

    /// How many are lent.
    var lentCount: Int { state.withLock { $0.lentCount } }
}

/// A compressor that is lent to one body, and given back when nobody holds this any more.
///
/// One task, or one thread, uses it at a time.
final class BodyCompressor: Sendable {
    /// Bytes that are compressed without a pause: one to two milliseconds of a turn at level 4.
    static let sliceByteCount = 65_536

    /// What says nothing, behind any write: an empty block (RFC 1951 §3.2.4), which neither text nor
    /// checksum of the stream know of.
    static let heartbeat: [UInt8] = [0, 0, 0, 0xFF, 0xFF]

    private let compressor: Compressor
    private let pool: CompressorPool

    fileprivate init(_ compressor: Compressor, of pool: CompressorPool) {
        self.compressor = compressor
        self.pool = pool
    }

    deinit { pool.takeBack(compressor) }

    /// What these bytes become.
    func compress(_ bytes: Span<UInt8>, _ flush: Deflater.Flush) -> [UInt8] {
        compressor.compress(bytes, flush)
    }

    /// Sends the stream's header, so that it does not wait for the first write.
    func begin(_ exchange: DeferredExchange) async throws(StreamFailure) {
        try await exchange.write(compress(Span(), .sync).span)
    }

    /// Sends these bytes so that the client can read all of them when they have come. Others get
    /// their turn behind each slice; so each ends at a byte's border, where the connection may say
    /// something of its own.
    func write(_ bytes: Span<UInt8>, to exchange: DeferredExchange) async throws(StreamFailure) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Self.sliceByteCount)
            try await exchange.write(compress(bytes.extracting(start..<end), .sync).span)
            start = end
            if start < bytes.count { await Task.yield() }
        }
    }

    /// Sends what ends the stream: a few bytes, since every write has been flushed.
    func finish(_ exchange: DeferredExchange) {
        exchange.writeTail(compress(Span(), .finish).span)
    }
}

/// zlib's stream behind a lock that is always free, since it may go from thread to thread.
private final class Compressor: Sendable {
    private let deflater: Mutex<Deflater>

    init(_ settings: Deflater.Settings) throws(CompressionError) {
        deflater = Mutex(try Deflater(.gzip, settings))
    }

    func reset() { deflater.withLock { $0.reset() } }

    func compress(_ bytes: Span<UInt8>, _ flush: Deflater.Flush) -> [UInt8] {
        deflater.withLock { deflater in
            var output: [UInt8] = []
            deflater.deflate(bytes, flush, into: &output)
            return output
        }
    }
}
