internal import Compression
internal import HTTPEngine
internal import Synchronization

/// How far a body may expand.
struct ExpansionLimits: Sendable {
    let maxByteCount: Int
    let maxRatio: Int

    /// So much may come of however little: short bodies may repeat themselves.
    static let freeByteCount = 65_536

    /// Whether so much may have come of so many bytes.
    func allow(_ madeCount: Int, of usedCount: Int) -> Bool {
        guard madeCount <= maxByteCount else { return false }
        // Rounded down, so that no product can overflow.
        return madeCount <= Self.freeByteCount || madeCount / maxRatio <= usedCount
    }
}

/// The body of one request while it is decoded.
///
/// Holds the chunk that the connection has handed over, at most about 64 KiB, until it is used up,
/// and makes pieces of at most 64 KiB of it. One task reads at a time.
final class BodyDecoding: Sendable {
    private struct State: ~Copyable {
        var inflater: Inflater
        /// What has come, and how much of it has been used.
        var chunk: [UInt8] = []
        var offset = 0
        /// The last piece was as long as it may be: there may be more of it.
        var isFull = false
        var usedCount = 0
        var madeCount = 0
    }

    /// The most that is decoded without a pause: some 400 µs.
    private static let pieceByteCount = 65_536

    private let limits: ExpansionLimits
    private let name: String
    private let state: Mutex<State>

    init(_ format: Inflater.Format, _ limits: ExpansionLimits) {
        self.limits = limits
        name = format == .gzip ? "gzip" : "deflate"
        state = Mutex(State(inflater: Inflater(format)))
    }

    /// The next bytes, not empty; `nil` at the end of the body.
    func nextChunk(of exchange: DeferredExchange) async throws -> [UInt8]? {
        // What expands a thousandfold must not keep its thread from others.
        if hasMore { await Task.yield() }
        while true {
            let piece = try nextPiece()
            if !piece.isEmpty { return piece }
            let chunk: [UInt8]?
            do throws(BodyFailure) {
                chunk = try await exchange.nextChunk()
            } catch {
                throw RequestBody.error(for: error)
            }
            guard let chunk else {
                try finish()
                return nil
            }
            state.withLock { ($0.chunk, $0.offset) = (chunk, 0) }
        }
    }

    private var hasMore: Bool {
        state.withLock { $0.isFull || $0.offset < $0.chunk.count }
    }

    /// What comes of the bytes that are there; empty when they are used up.
    private func nextPiece() throws(HTTPError) -> [UInt8] {
        let result: Result<[UInt8], HTTPError> = state.withLock { state in
            var piece: [UInt8] = []
            do throws(CompressionError) {
                try Self.fill(&piece, &state)
            } catch {
                return .failure(self.error(for: error))
            }
            guard limits.allow(state.madeCount, of: state.usedCount) else {
                return .failure(
                    HTTPError(
                        .contentTooLarge, code: "expanded_content_too_large",
                        message: "the body expands to more than this server takes"))
            }
            return .success(piece)
        }
        return try result.get()
    }

    private static func fill(
        _ piece: inout [UInt8], _ state: inout State
    ) throws(CompressionError) {
        guard state.isFull || state.offset < state.chunk.count else { return }
        let chunk = state.chunk
        let used = try state.inflater.inflate(
            chunk.span.extracting(state.offset...), upTo: pieceByteCount, into: &piece)
        state.offset += used
        state.usedCount += used
        state.madeCount += piece.count
        state.isFull = piece.count == pieceByteCount
        if state.offset == state.chunk.count { (state.chunk, state.offset) = ([], 0) }
    }

    private func finish() throws(HTTPError) {
        let error: HTTPError? = state.withLock { state in
            do throws(CompressionError) {
                try state.inflater.finish()
                return nil
            } catch {
                return self.error(for: error)
            }
        }
        if let error { throw error }
    }

    private func error(for error: CompressionError) -> HTTPError {
        switch error {
        case .corrupt: invalid("is damaged, or is none")
        case .truncated: invalid("is not complete")
        case .trailingBytes: invalid("has something behind its end")
        case .outOfMemory: HTTPError(.serviceUnavailable)
        }
    }

    private func invalid(_ fault: String) -> HTTPError {
        HTTPError(
            .badRequest, code: "invalid_content_coding",
            message: "the body's \(name) stream \(fault)")
    }
}

/// How `RequestDecompression` tells what reads the body.
enum BodyDecodingKey: RequestKey {
    typealias Value = BodyDecoding
}
