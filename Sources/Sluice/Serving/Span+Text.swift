// What parsers of field values share: all of them work on ranges of the head's bytes.

extension Span where Element == UInt8 {
    /// The range without the blanks at its ends (OWS, RFC 9110 §5.6.3).
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while start < end, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return start..<end
    }

    /// Where a byte stands first in a range.
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        for index in range where self[index] == byte { return index }
        return nil
    }

    /// The end of the piece that begins at `start`: the next `separator` that is not inside a quoted
    /// string (RFC 9110 §5.6.4), or the end of the range.
    func endOfElement(from start: Int, to end: Int, separator: UInt8) -> Int {
        var isQuoted = false
        var index = start
        while index < end {
            let byte = self[index]
            if byte == separator, !isQuoted { return index }
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            // A quoted pair: the next byte stands for itself.
            if byte == UInt8(ascii: "\\"), isQuoted { index += 1 }
            index += 1
        }
        return end
    }
}
