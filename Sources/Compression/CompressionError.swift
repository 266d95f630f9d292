/// Why compressed bytes cannot be read.
package enum CompressionError: Error, Equatable, Sendable {
    /// They are not in the format: a header, a code or a checksum is wrong.
    case corrupt
    /// They end before the format says that they do.
    case truncated
    /// More comes behind the end.
    case trailingBytes
    /// There is no memory for a stream.
    case outOfMemory
}
