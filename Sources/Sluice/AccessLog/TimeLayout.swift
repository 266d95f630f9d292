/// How a time is written: a layout of Go's time package (`02/Jan/2006:15:04:05 -0700`) or, where
/// there is a percent sign in it, one of strftime(3) (`%d/%b/%Y:%T %z`).
struct TimeLayout: Equatable, Sendable {
    /// A part of the layout.
    enum Piece: Equatable, Sendable {
        /// Stands for itself.
        case text(String)
        /// An element of Go's.
        case element(GoTimeElement)
        /// Of the second, so many digits.
        case fraction(TimeFraction)
        /// What the C library makes of it.
        case strftime(String)
        /// Seconds since 1970: `%s`, which the C library would count in local time.
        case epochSeconds
    }

    /// Bytes of a layout: more than any that people read.
    static let maxByteCount = 256

    let pieces: [Piece]

    /// - Throws: What is wrong with the layout.
    init(_ layout: String) throws(AccessLogFormatError) {
        guard layout.utf8.count <= Self.maxByteCount else {
            throw AccessLogFormatError(
                "has a time layout of more than \(Self.maxByteCount) bytes", "give a shorter one")
        }
        guard !layout.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw AccessLogFormatError(
                "has a control character in a time layout", "give one of plain text")
        }
        pieces =
            layout.utf8.contains(UInt8(ascii: "%"))
            ? try Self.strftimePieces(layout) : Self.goPieces(layout)
        let showsTime = pieces.contains { piece in
            if case .text = piece { return false }
            return true
        }
        guard showsTime else {
            throw AccessLogFormatError(
                "has a time layout without any part of a time, '\(layout)'",
                "give one of Go's such as 2006-01-02T15:04:05Z07:00, or one of strftime's")
        }
    }

    // MARK: Go

    private static func goPieces(_ layout: String) -> [Piece] {
        let bytes = Array(layout.utf8)
        var pieces: [Piece] = []
        var textStart = 0
        var offset = 0
        while offset < bytes.count {
            guard let (piece, count) = goPiece(bytes, at: offset) else {
                offset += 1
                continue
            }
            if textStart < offset { pieces.append(text(bytes[textStart..<offset])) }
            pieces.append(piece)
            offset += count
            textStart = offset
        }
        if textStart < bytes.count { pieces.append(text(bytes[textStart...])) }
        return pieces
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> Piece {
        .text(String(decoding: bytes, as: UTF8.self))
    }

    /// What begins here, and how long it is.
    private static func goPiece(_ bytes: [UInt8], at offset: Int) -> (Piece, Int)? {
        if let fraction = TimeFraction(bytes, at: offset) {
            return (.fraction(fraction), 1 + fraction.digits)
        }
        for (text, element) in GoTimeElement.spellings
        where bytes[offset...].starts(with: text.utf8) {
            let end = offset + text.utf8.count
            // `Jan` and `Mon` do not begin words such as `Monty`.
            let isCutWord = end < bytes.count && (0x61...0x7A).contains(bytes[end])
            if element.endsBeforeLetters, isCutWord { continue }
            // `_2006` is an underscore before the year.
            if text == "_2", bytes[offset...].starts(with: "_2006".utf8) { return nil }
            return (.element(element), text.utf8.count)
        }
        return nil
    }

    // MARK: strftime

    /// What may follow a percent sign; all but `%n`, which would end the line.
    private static let conversions = Set("aAbBcCdDeFgGhHIjklmMpPrRsStTuUVwWxXyYzZ%".utf8)
    /// What may stand between: flags of the GNU C library, a width, and alternative forms.
    private static let modifiers = Set("_-0^#EO123456789+".utf8)

    private static func strftimePieces(
        _ layout: String
    ) throws(AccessLogFormatError) -> [Piece] {
        let bytes = Array(layout.utf8)
        var pieces: [Piece] = []
        var pending: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            var end = offset + 1
            if bytes[offset] == UInt8(ascii: "%") {
                while end < bytes.count, modifiers.contains(bytes[end]) { end += 1 }
                guard end < bytes.count, conversions.contains(bytes[end]) else {
                    let verb = String(
                        decoding: bytes[offset..<min(end + 1, bytes.count)], as: UTF8.self)
                    throw AccessLogFormatError(
                        "has a time layout with '\(verb)', which strftime does not know",
                        "give conversions of strftime(3) such as %d/%b/%Y:%T %z")
                }
                end += 1
            }
            if bytes[offset..<end].elementsEqual("%s".utf8) {
                if !pending.isEmpty { pieces.append(strftime(pending)) }
                pending = []
                pieces.append(.epochSeconds)
            } else {
                pending += bytes[offset..<end]
            }
            offset = end
        }
        if !pending.isEmpty { pieces.append(strftime(pending)) }
        return pieces
    }

    private static func strftime(_ bytes: [UInt8]) -> Piece {
        .strftime(String(decoding: bytes, as: UTF8.self))
    }
}

/// A fraction of a second: `.000` has all its digits, `.999` loses zeros at its end, and its point
/// with the last of them. A comma may stand for the point.
struct TimeFraction: Equatable, Sendable {
    let separator: UInt8
    /// Digits; those beyond the ninth are 0.
    let digits: Int
    let trimsZeros: Bool

    /// What begins here, if it is one: zeros or nines behind a point, and no other digit.
    init?(_ bytes: [UInt8], at offset: Int) {
        guard bytes[offset] == UInt8(ascii: ".") || bytes[offset] == UInt8(ascii: ","),
            offset + 1 < bytes.count
        else { return nil }
        let digit = bytes[offset + 1]
        guard digit == UInt8(ascii: "0") || digit == UInt8(ascii: "9") else { return nil }
        var end = offset + 1
        while end < bytes.count, bytes[end] == digit { end += 1 }
        if end < bytes.count, (0x30...0x39).contains(bytes[end]) { return nil }
        separator = bytes[offset]
        digits = end - offset - 1
        trimsZeros = digit == UInt8(ascii: "9")
    }
}
