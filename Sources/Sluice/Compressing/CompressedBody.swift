internal import Compression
internal import HTTPEngine

/// A streamed body in gzip: each piece can be read when it has come.
struct CompressedStream: BodyProducer {
    private var body: any StreamedBody
    private let compressor: BodyCompressor
    /// A piece that is longer than a slice, and how much of it has gone.
    private var piece: [UInt8] = []
    private var offset = 0

    init(_ body: any StreamedBody, _ compressor: BodyCompressor) {
        self.body = body
        self.compressor = compressor
    }

    mutating func produce(into writer: inout BodyWriter) throws -> BodyProgress {
        if offset == piece.count {
            guard let next = try body.next() else {
                writer.write(compressor.compress(Span(), .finish).span)
                return .finished
            }
            (piece, offset) = (next, 0)
        }
        let end = min(piece.count, offset + BodyCompressor.sliceByteCount)
        let isWhole = end == piece.count
        writer.write(
            compressor.compress(piece.span.extracting(offset..<end), isWhole ? .sync : .none).span)
        (piece, offset) = isWhole ? ([], 0) : (piece, end)
        return .more
    }
}

/// A body that is there, too long to be compressed at once: one slice in a turn, as the client takes
/// it.
struct CompressedSlices: BodyProducer {
    /// What the first slice has become; empty when it has gone.
    private var first: [UInt8]
    private let body: [UInt8]
    private var offset: Int
    private let compressor: BodyCompressor

    /// - Parameters:
    ///   - offset: How much of the body is in `first`.
    init(_ first: [UInt8], _ body: [UInt8], from offset: Int, _ compressor: BodyCompressor) {
        self.first = first
        self.body = body
        self.offset = offset
        self.compressor = compressor
    }

    mutating func produce(into writer: inout BodyWriter) -> BodyProgress {
        if !first.isEmpty {
            writer.write(first.span)
            first = []
            return .more
        }
        let end = min(body.count, offset + BodyCompressor.sliceByteCount)
        let isLast = end == body.count
        writer.write(
            compressor.compress(body.span.extracting(offset..<end), isLast ? .finish : .none).span)
        offset = end
        return isLast ? .finished : .more
    }
}
