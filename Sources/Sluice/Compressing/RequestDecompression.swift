internal import Compression
internal import HTTP1
internal import HTTPEngine

/// Lets handlers read bodies that come compressed, by gzip or deflate, as if they had come plain.
///
///     try api.use(RequestDecompression(maxExpandedBytes: 8 << 20))
///
/// - The body is decoded while it is read, whatever the kind of handler: `request.body`, `text` and
///   forms, and the chunks of a streaming handler. The head stays as it came, with its
///   `Content-Encoding` and the length of what was sent.
/// - `gzip`, `x-gzip` and `deflate` are understood, the last with RFC 1950's wrapping and without;
///   `identity` means nothing. Any other coding, and more than one, is answered with 415 and the
///   codings that are understood in `Accept-Encoding` (RFC 9110 §15.5.16), before the body comes.
/// - 413 when the body becomes longer than the limit, or, beyond 64 KiB, than so many times what was
///   sent: nobody has to hold what a few kilobytes can become. 400 when it is damaged or incomplete.
///   The server's own limits hold for what is sent.
///
/// Without this middleware a body reaches its handler as it came. Around a route there is one: a
/// second one does nothing.
///
/// Memory: about 40 KiB for each body under way, and a piece of 64 KiB.
public struct RequestDecompression: Middleware {
    private let limits: ExpansionLimits

    /// How long a body may become.
    ///
    /// - Parameters:
    ///   - maxExpandedBytes: Beyond: 413. 0 or more.
    ///   - maxRatio: How many times longer than it was sent; 1 ... 1,032. More than that deflate
    ///     cannot do, so it is no limit. Text seldom has 20; what is repeated a thousand times has
    ///     more.
    /// - Throws: `InvalidMiddleware` for a setting that cannot be.
    public init(maxExpandedBytes: Int = 1 << 20, maxRatio: Int = 100) throws(InvalidMiddleware) {
        guard maxExpandedBytes >= 0 else {
            throw InvalidMiddleware(
                "RequestDecompression: maxExpandedBytes \(maxExpandedBytes) is negative; give bytes"
            )
        }
        guard (1...1_032).contains(maxRatio) else {
            throw InvalidMiddleware(
                "RequestDecompression: maxRatio \(maxRatio) is not in 1 ... 1,032; give 100 if in "
                    + "doubt")
        }
        limits = ExpansionLimits(maxByteCount: maxExpandedBytes, maxRatio: maxRatio)
    }

    /// Finds out how the body is coded.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        guard request.announcesBody, request[BodyDecodingKey.self] == nil else { return .next }
        if let format = try Self.format(of: request.fields) {
            request[BodyDecodingKey.self] = BodyDecoding(format, limits)
        }
        return .next
    }

    /// The one coding of a body; `nil` when it has none.
    private static func format(
        of fields: borrowing RequestFields
    ) throws(HTTPError) -> Inflater.Format? {
        var found: Inflater.Format?
        var line = 0
        while let index = fields.index(of: "content-encoding", from: line) {
            let value = fields.valueBytes(at: index)
            var start = 0
            while start < value.count {
                let end = value.firstIndex(of: UInt8(ascii: ","), in: start..<value.count)
                let coding = value.extracting(value.trimmed(start..<(end ?? value.count)))
                start = (end ?? value.count) + 1
                if coding.isEmpty || coding.equalsIgnoringCase("identity") { continue }
                guard let format = format(named: coding) else {
                    throw refusal("the coding of the body is not understood here")
                }
                guard found == nil else { throw refusal("the body has more than one coding") }
                found = format
            }
            line = index + 1
        }
        return found
    }

    private static func format(named coding: Span<UInt8>) -> Inflater.Format? {
        if coding.equalsIgnoringCase("gzip") || coding.equalsIgnoringCase("x-gzip") {
            return .gzip
        }
        return coding.equalsIgnoringCase("deflate") ? .deflate : nil
    }

    private static func refusal(_ message: String) -> HTTPError {
        HTTPError(
            .unsupportedMediaType, code: "unsupported_content_coding", message: message,
            fields: [("Accept-Encoding", "gzip, deflate")])
    }
}
