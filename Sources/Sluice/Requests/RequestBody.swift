internal import HTTPEngine

/// The body of a request as it comes: a sequence of chunks that is read once.
///
///     for try await chunk in request.body {
///         hash.update(chunk)
///     }
///
/// A chunk is what has come since the last one was taken, of at most about 64 KiB; how the client
/// has cut the body is not preserved. While nobody takes them, the client is not read any more, so
/// a slow reader costs that one chunk. The first chunk that is asked for lets a client go on that
/// waits for `100 Continue`. What is never asked for is dropped.
///
/// One task reads at a time. Reading throws `HTTPError` with 413 when more comes than the route
/// takes, 400 when the chunked coding is wrong, 408 when it comes too slowly; `StreamError.clientGone`
/// when the client has gone; and `CancellationError`.
public struct RequestBody: AsyncSequence, Sendable {
    let exchange: DeferredExchange

    /// Decodes it, where `RequestDecompression` has said so.
    let decoding: BodyDecoding?

    /// Reads the chunks.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let exchange: DeferredExchange
        let decoding: BodyDecoding?

        /// The next chunk, not empty; `nil` at the end. Suspends until one is there.
        public mutating func next() async throws -> [UInt8]? {
            if let decoding { return try await decoding.nextChunk(of: exchange) }
            do throws(BodyFailure) {
                return try await exchange.nextChunk()
            } catch {
                throw RequestBody.error(for: error)
            }
        }
    }

    /// Starts to read; what has been read before does not come again.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(exchange: exchange, decoding: decoding)
    }

    /// The whole body, as far as it has not been read yet.
    ///
    /// - Parameter maxByteCount: Beyond it: `HTTPError` with 413.
    public func collect(upTo maxByteCount: Int) async throws -> [UInt8] {
        var whole: [UInt8] = []
        for try await chunk in self {
            guard chunk.count <= maxByteCount - whole.count else {
                throw HTTPError(.contentTooLarge)
            }
            // What comes at once needs no copy.
            if whole.isEmpty { whole = chunk } else { whole += chunk }
        }
        return whole
    }

    /// The trailer fields behind a chunked body (RFC 9110 §6.5), in order; empty until the body has
    /// been read to its end. They may be of any name: believe none that you have not asked for.
    public var trailers: [(name: String, value: String)] {
        TrailerText.fields(of: exchange.trailers)
    }

    static func error(for failure: BodyFailure) -> any Error {
        switch failure {
        case .tooLarge: HTTPError(.contentTooLarge)
        case .malformed: HTTPError(.badRequest, message: "the chunked coding of the body is wrong")
        case .timedOut: HTTPError(.requestTimeout, message: "the body came too slowly")
        case .clientGone: StreamError.clientGone
        case .cancelled: CancellationError()
        }
    }
}

/// Why an answer cannot be written any more.
public enum StreamError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The client has closed the connection.
    case clientGone
    /// The route's deadline has passed; the client has been told so.
    case deadlinePassed
    /// The answer has no body: to HEAD, and with 204, 205 and 304. Nothing is wrong: whoever writes
    /// may stop.
    case noBody
    /// More bytes than `Response.contentLength` has announced.
    case tooLong
    /// The answer is complete already, or its handler is a synchronous one.
    case notStreaming

    /// One clause.
    public var description: String {
        switch self {
        case .clientGone: "the client has closed the connection"
        case .deadlinePassed: "the route's deadline has passed"
        case .noBody: "this answer has no body"
        case .tooLong: "the body is longer than contentLength has announced"
        case .notStreaming: "the answer cannot be streamed here"
        }
    }

    init?(_ failure: StreamFailure) {
        switch failure {
        case .clientGone: self = .clientGone
        case .deadline: self = .deadlinePassed
        case .noBody: self = .noBody
        case .tooLong: self = .tooLong
        case .incomplete, .notStreaming: self = .notStreaming
        case .cancelled: return nil
        }
    }
}

/// Trailer sections as text.
enum TrailerText {
    /// The field lines of a section whose syntax has been checked.
    static func fields(of section: [UInt8]) -> [(name: String, value: String)] {
        section.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return (
                String(decoding: line[..<colon], as: UTF8.self),
                String(decoding: line[(colon + 1)...].trimmingBlanks, as: UTF8.self)
            )
        }
    }
}

extension ArraySlice where Element == UInt8 {
    /// Without blanks and line ends around it.
    fileprivate var trimmingBlanks: ArraySlice<UInt8> {
        let isText: (UInt8) -> Bool = { $0 > UInt8(ascii: " ") }
        guard let first = firstIndex(where: isText), let last = lastIndex(where: isText) else {
            return []
        }
        return self[first...last]
    }
}
