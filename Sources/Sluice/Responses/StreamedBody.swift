internal import HTTPEngine

/// A body that is made piece by piece while the client takes it.
///
/// The server asks for the next piece when the client has taken most of the last, on the thread that
/// owns the connection; so a piece must be made quickly.
public protocol StreamedBody: Sendable {
    /// The next piece, sent as one chunk; `nil` at the end.
    ///
    /// - Throws: Anything; the connection is then reset, so that the client sees that its answer is
    ///   not complete.
    mutating func next() throws -> [UInt8]?
}

/// Feeds a `StreamedBody` to the engine.
struct StreamedBodyProducer: BodyProducer {
    var body: any StreamedBody

    mutating func produce(into writer: inout BodyWriter) throws -> BodyProgress {
        guard let piece = try body.next() else { return .finished }
        writer.write(piece.span)
        return .more
    }
}
