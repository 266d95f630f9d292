/// The pieces with which a body is written in the chunked coding (RFC 9112 §7.1): for each run of
/// data its size line, the data and CRLF; at the end the last chunk.
package enum ChunkedEncoding {
    /// The last chunk and an empty trailer section.
    package static var lastChunk: StaticString { "0\r\n\r\n" }

    /// The longest size line: 16 digits and CRLF.
    package static var maxSizeLineLength: Int { 18 }

    /// Writes the line that goes before `dataCount` bytes of data, as in `1a` CRLF, and returns its
    /// length. Precondition: `dataCount` is positive, since a size of 0 would end the body.
    package static func writeSizeLine(
        _ dataCount: Int, into line: inout [18 of UInt8]
    ) -> Int {
        precondition(dataCount > 0)
        let digitCount = (Int.bitWidth - dataCount.leadingZeroBitCount + 3) / 4
        var rest = dataCount
        for index in stride(from: digitCount - 1, through: 0, by: -1) {
            let digit = UInt8(rest & 0xF)
            line[index] = digit < 10 ? .ascii("0") + digit : .ascii("a") + (digit - 10)
            rest >>= 4
        }
        line[digitCount] = .carriageReturn
        line[digitCount + 1] = .lineFeed
        return digitCount + 2
    }
}
