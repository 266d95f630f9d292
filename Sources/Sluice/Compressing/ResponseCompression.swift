internal import Compression
internal import Containers
internal import HTTPEngine

/// Compresses answers with gzip for clients that take it.
///
///     try router.use(ResponseCompression())
///
/// - The client decides by `Accept-Encoding` (RFC 9110 §12.5.3): gzip is used unless it has a lower
///   weight than `identity`. A client that takes neither gets the plain body: an answer that it may
///   not like is better than none.
/// - Bodies of the types listed are compressed, from the threshold on, when they become smaller. A
///   client that rules `identity` out gets gzip whatever the size.
/// - A body of up to 64 KiB is compressed at once. A longer one is sent as it is compressed, chunked,
///   or ended by close for HTTP/1.0; so are streamed bodies, of which each piece, write or event
///   can be read when it has come. What was promised by `contentLength` is not sent then.
/// - Left alone are answers without a body, 206, those that have `Content-Encoding`, `Content-Range`,
///   a digest, or `no-transform` in `Cache-Control`, and bodies that are files.
/// - All that could have been compressed, compressed or not, has `Vary: Accept-Encoding`. A strong
///   `ETag` becomes weak, since the bytes are others: it is good for `If-None-Match`, and
///   `If-Match` and `If-Range` do not match it. `Accept-Ranges` goes.
///
/// Use it first, or behind `DefaultFields`, so that it sees what all others have set. A page that
/// shows what a request says beside a secret of its own should not be compressed: the length gives
/// the secret away, byte by byte (BREACH).
///
/// Memory: `memory` bytes for each answer under way whose body is streamed or longer than 64 KiB, and
/// for up to eight compressors that are kept. Allocates for each answer that it compresses.
public struct ResponseCompression: Middleware {
    /// Text in all its forms, JSON, XML, scripts, SVG, WebAssembly, fonts that are not compressed.
    public static let defaultTypes = CompressibleTypes.usual

    /// Names of fields whose answers are left alone: coded already, a part, or bound to its bytes
    /// (RFC 9530).
    private static let excluding: [[UInt8]] = [
        "content-encoding", "content-range", "content-digest", "repr-digest", "digest",
        "content-md5",
    ].map { Array($0.utf8) }

    private let threshold: Int
    private let types: CompressibleTypes
    private let pool: CompressorPool

    /// What is compressed, and how hard.
    ///
    /// - Parameters:
    ///   - threshold: Shorter bodies are sent as they are; below some hundred bytes nothing is won.
    ///   - level: zlib's: 1, the fastest, to 9, the smallest. 6, which is zlib's own default, takes
    ///     nearly twice the time of 4 for 5 % fewer bytes.
    ///   - memory: Bytes that one compressor may take, 3,072 or more; with less it finds less.
    ///     256 KiB are zlib's default, and beyond 384 KiB nothing gets better.
    ///   - maxConcurrent: Answers that are compressed at a time, 1 ... 65,536: further ones are sent
    ///     as they are.
    ///   - types: As in `MediaType.matches`.
    /// - Throws: `InvalidMiddleware` for a setting that cannot be.
    public init(
        threshold: Int = 512, level: Int = 4, memory: Int = 262_144, maxConcurrent: Int = 256,
        types: [String] = defaultTypes
    ) throws(InvalidMiddleware) {
        guard threshold >= 0 else {
            throw InvalidMiddleware(
                "ResponseCompression: threshold \(threshold) is negative; give bytes, 0 for all")
        }
        guard (1...9).contains(level) else {
            throw InvalidMiddleware(
                "ResponseCompression: level \(level) is not in 1 ... 9; give 4 if in doubt")
        }
        guard memory >= Deflater.Settings.minByteCount else {
            throw InvalidMiddleware(
                "ResponseCompression: memory \(memory) is too little; give bytes, at least "
                    + "\(Deflater.Settings.minByteCount)")
        }
        guard (1...65_536).contains(maxConcurrent) else {
            throw InvalidMiddleware(
                "ResponseCompression: maxConcurrent \(maxConcurrent) is not in 1 ... 65,536")
        }
        self.threshold = threshold
        self.types = try CompressibleTypes(types)
        pool = CompressorPool(
            Deflater.Settings(level: level, memory: memory), maxCount: maxConcurrent)
    }

    /// Compresses the body, or sees to it that what follows is compressed.
    public func after(_ request: borrowing Request, _ response: inout Response) {
        if response.message.status == 304 {
            response.keepValidator(for: request)
            return
        }
        guard mayBeCompressed(response) else { return }
        response.addVaryByEncoding()
        let wish = request.gzipWish
        guard wish != .unwanted else { return }
        if wish == .wanted, let count = response.knownByteCount, count < threshold { return }
        if response.isBeginning {
            beginStream(of: &response, isHead: request.asksForHead)
        } else if response.message.isStream {
            wrapStream(of: &response)
        } else if response.message.body.count <= BodyCompressor.sliceByteCount {
            compressWhole(&response, wish)
        } else {
            compressSlices(of: &response, wish)
        }
    }

    private func mayBeCompressed(_ response: borrowing Response) -> Bool {
        switch response.message.status {
        case 204, 205, 206: return false
        default: break
        }
        guard response.knownByteCount != 0, types.contain(typeOf: response) else { return false }
        let byteCount = response.fieldsByteCount
        for name in Self.excluding where response.hasField(name.span, within: byteCount) {
            return false
        }
        return !response.lists("no-transform", in: "cache-control")
    }

    // MARK: Bodies

    /// A task writes the body; its writes find the compressor in the response.
    private func beginStream(of response: inout Response, isHead: Bool) {
        if !isHead {
            guard let compressor = pool.lend() else { return }
            response.compressor = compressor
        }
        response.message.streamLength = nil
        response.becomeGzip()
    }

    private func wrapStream(of response: inout Response) {
        guard let producer = response.message.takeStream() else { return }
        guard let stream = producer as? StreamedBodyProducer, let compressor = pool.lend() else {
            response.message.stream(producer)
            return
        }
        response.message.stream(CompressedStream(stream.body, compressor))
        response.message.streamLength = nil
        response.becomeGzip()
    }

    private func compressWhole(_ response: inout Response, _ wish: GzipWish) {
        guard let compressor = pool.lend() else { return }
        let coded = compressor.compress(response.message.body.span, .finish)
        guard wish == .demanded || coded.count < response.message.body.count else { return }
        response.message.body.removeAll()
        response.message.body.append(coded.span)
        response.becomeGzip()
    }

    /// The first slice tells whether the body is one that shrinks.
    private func compressSlices(of response: inout Response, _ wish: GzipWish) {
        guard let compressor = pool.lend() else { return }
        let count = BodyCompressor.sliceByteCount
        let first = compressor.compress(
            response.message.body.span.extracting(first: count), .sync)
        guard wish == .demanded || first.count < count else { return }
        let body = response.takeBody()
        response.message.stream(CompressedSlices(first, body, from: count, compressor))
        response.becomeGzip()
    }
}
