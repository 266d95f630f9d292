internal import Containers
internal import HTTP1

/// Makes the body of one answer piece by piece, while it is sent.
///
/// The engine pulls: whenever less than the low watermark is unsent it asks once per turn for the
/// next piece, so that a large body costs a bounded buffer and the client sees each piece as it is
/// made. Called on the thread that owns the connection; never after it has finished or thrown.
package protocol BodyProducer: Sendable {
    /// Writes the next piece and says whether there is more.
    ///
    /// A producer that says `.more` without a piece is asked again in the next turn, which costs a
    /// turn.
    ///
    /// - Throws: Anything; the connection is then closed without the end of the body, so that the
    ///   client can tell a broken answer from a complete one (RFC 9112 §8).
    mutating func produce(into writer: inout BodyWriter) throws -> BodyProgress
}

/// What an answer has in place of bytes of its own. One word, like each of them, so that the answers
/// that have none do not pay twice.
enum BodyBox {
    case producer(ProducerBox)
    case file(FileDelivery)
    /// Bytes that others hold, too: they are sent from where they are.
    case shared([UInt8])

    /// The file, if it is one.
    var file: FileDelivery? {
        switch self {
        case .producer, .shared: nil
        case .file(let file): file
        }
    }
}

/// A producer's place on the heap, made once for each streamed body: one word where an existential
/// would take five and a call to copy or destroy even when there is none.
///
/// Unchecked, because its only reference belongs to one exchange, and so to one thread at a time.
final class ProducerBox: @unchecked Sendable {
    private var producer: any BodyProducer

    /// What is in here.
    var content: any BodyProducer { producer }

    init(_ producer: any BodyProducer) {
        self.producer = producer
    }

    func produce(into writer: inout BodyWriter) throws -> BodyProgress {
        try producer.produce(into: &writer)
    }
}

/// What a producer says after each piece.
package enum BodyProgress: Sendable {
    case more
    /// Nothing is there now. It is asked again when somebody says so, and not before.
    case waiting
    case finished
}

/// Where a producer writes: the connection's send buffer, framed as the message needs it.
package struct BodyWriter: ~Copyable {
    private var output: ByteBuffer
    private let isChunked: Bool
    /// Field lines behind the last chunk, encoded.
    private var trailers: [UInt8] = []

    init(_ output: consuming ByteBuffer, isChunked: Bool) {
        self.output = output
        self.isChunked = isChunked
    }

    /// Appends one chunk of these bytes (RFC 9112 §7.1), or the bytes themselves where the end of
    /// the connection ends the body. An empty write does nothing: an empty chunk would end it.
    package mutating func write(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        guard isChunked else {
            output.append(bytes)
            return
        }
        output.append(hexadecimal: bytes.count)
        output.append("\r\n")
        output.append(bytes)
        output.append("\r\n")
    }

    /// Appends bytes that are framed as the message needs it already, and empties the buffer they
    /// are in. O(1) where nothing is unsent, O(bytes) else.
    mutating func write(framed bytes: inout ByteBuffer) {
        guard output.isEmpty else {
            output.append(bytes.span)
            bytes.removeAll()
            return
        }
        var taken = ByteBuffer()
        swap(&taken, &bytes)
        swap(&taken, &output)
        swap(&taken, &bytes)
    }

    /// Sets the trailer fields of a chunked body; any other has no place for them.
    mutating func setTrailers(_ lines: [UInt8]) {
        trailers = lines
    }

    consuming func finish(_ progress: BodyProgress) -> ByteBuffer {
        guard isChunked, progress == .finished else { return output }
        let trailers = trailers
        if trailers.isEmpty {
            output.append(ChunkedEncoding.lastChunk)
        } else {
            output.append("0\r\n")
            output.append(trailers.span)
            output.append("\r\n")
        }
        return output
    }
}
