/// Syntax of names and values, for those who write fields and for those who compare them.
package enum FieldSyntax {
    /// Whether the bytes are a `token` (RFC 9110 §5.6.2): what a method and a field name must be.
    package static func isToken(_ bytes: Span<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.endOfToken(from: 0) == bytes.count
    }

    /// Whether the bytes can stand as a field's value: no CR, LF, NUL or other control byte but
    /// HTAB, so that a value cannot end its line and split a response. obs-text is allowed, and
    /// so is the empty value.
    package static func isFieldValue(_ bytes: Span<UInt8>) -> Bool {
        bytes.endOfFieldValue(from: 0) == bytes.count
    }
}

extension Span where Element == UInt8 {
    /// Whether the bytes are `other`, which is in lower case, when their ASCII letters are put in
    /// lower case. Linear; eight bytes at a time.
    package func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        while offset < count {
            guard Word.lowercased(word(at: offset)) == other.word(at: offset) else { return false }
            offset &+= 8
        }
        return true
    }

    /// Whether the bytes are `text`, a literal in lower case, when put in lower case.
    package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        equalsIgnoringCase(text.span)
    }

    /// The number that `1*DIGIT` means; nil for anything else and for what does not fit an `Int`.
    var decimalValue: Int? {
        guard !isEmpty else { return nil }
        var value = 0
        for index in 0..<count {
            let byte = self[index]
            guard byte.isDigit else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte &- 0x30))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }
}
