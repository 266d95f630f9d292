internal import Presentation

/// What went wrong with a transfer, and what came instead.
enum TransferFailure: Error, Equatable {
    /// No connection; the system's words.
    case noConnection(String)
    /// The connection was lost after so many bytes of the body; the system's words.
    case lost(String, after: Int)
    /// The server closed after so many bytes of the body.
    case closed(after: Int)
    /// It neither took nor gave a byte for so long.
    case silence(nanoseconds: UInt64, after: Int)
    /// Not HTTP, at this byte of the answer.
    case malformed(offset: Int)
    /// A status other than 2xx, and how the answer's body begins.
    case status(Int, body: String)
    /// The answer to an upload came before its end.
    case early(status: Int, after: Int)
    /// Another number of bytes came than was asked for, or was announced.
    case byteCount(Int, wanted: Int)
    /// More bytes came than were asked for.
    case tooMany(wanted: Int)
    /// Bytes came behind the end of the answer.
    case unexpectedBytes(Int)
    /// The server says that it received another number of bytes.
    case received(Int, wanted: Int)
    /// It had to come chunked.
    case notChunked
}

extension TransferFailure: CustomStringConvertible {
    var description: String {
        switch self {
        case .noConnection(let reason): "no connection: \(reason)"
        case .lost(let reason, let count):
            "the connection was lost after \(Self.bytes(count)) of the body: \(reason)"
        case .closed(let count): "the server closed after \(Self.bytes(count)) of the body"
        case .silence(let nanoseconds, let count):
            "nothing moved for \(Format.span(nanoseconds: nanoseconds)), after "
                + "\(Self.bytes(count)) of the body; --patience sets how long that may last"
        case .malformed(let offset): "the answer is not HTTP at its byte \(offset)"
        case .status(let status, let body):
            "the answer is \(status), not 2xx" + (body.isEmpty ? "" : ": \(body)")
        case .early(let status, let count):
            "\(status) came when only \(Self.bytes(count)) of the body had been sent"
        case .byteCount(let count, let wanted):
            "the body has \(Self.bytes(count)), not \(Format.grouped(wanted)); --bytes says "
                + "how many there have to be"
        case .tooMany(let wanted):
            "the body has more than \(Self.bytes(wanted)); --bytes says how many there have to be"
        case .unexpectedBytes(let count): "\(Self.bytes(count)) came behind the answer"
        case .received(let count, let wanted):
            "the server says that it received \(Self.bytes(count)) of \(Format.grouped(wanted))"
        case .notChunked: "the body did not come chunked, as --chunked demands"
        }
    }

    private static func bytes(_ count: Int) -> String {
        "\(Format.grouped(count)) byte\(count == 1 ? "" : "s")"
    }
}
