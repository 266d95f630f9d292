internal import HTTPEngine

extension Response {
    /// Sends the client elsewhere, with `Location` and a page of one line for those that do not go
    /// by themselves (RFC 9110 §15.4).
    ///
    /// Blanks, quotes and whatever else no URI can hold are percent-encoded; what is encoded stays as
    /// it is. A location made of what a client has sent may lead anywhere: `//other.example/` is on
    /// another host.
    ///
    /// - Parameters:
    ///   - location: A URI, or a reference relative to the request's own.
    ///   - status: `.seeOther` (303): get that instead, such as the result of a form;
    ///     `.temporaryRedirect` (307), `.permanentRedirect` (308): the same request again, there;
    ///     `.found` (302), `.movedPermanently` (301): as 307 and 308, but clients make a GET of POST.
    /// - Precondition: The status is one of these.
    /// - Throws: `InvalidField` when the location is empty, or holds CR, LF, NUL or another control
    ///   character; the answer is not changed then.
    public mutating func redirect(
        to location: String, status: Status = .seeOther
    ) throws(InvalidField) {
        precondition(
            [301, 302, 303, 307, 308].contains(status.code),
            "a redirect's status is 301, 302, 303, 307 or 308")
        if location.isEmpty {
            throw InvalidField(name: "Location", description: "field Location: it is empty")
        }
        if location.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw InvalidField(name: "Location", .invalidValue)
        }
        let encoded = percentEncodedWhereNeeded(location)
        try setField("Location", encoded)
        self.status = status
        send(
            html: """
                <!DOCTYPE html>
                <title>\(status.code) \(status.reasonPhrase)</title>
                <p>Go to <a href="\(encoded.escapedForHTML)">\(encoded.escapedForHTML)</a></p>

                """)
    }
}

/// A URI reference in the characters that RFC 3986 §2 knows: all others are percent-encoded, as is a
/// `%` that begins no encoded byte. A backslash is encoded too, because browsers take it for a slash.
private func percentEncodedWhereNeeded(_ reference: String) -> String {
    let bytes = Array(reference.utf8)
    var encoded: [UInt8] = []
    encoded.reserveCapacity(bytes.count)
    for (index, byte) in bytes.enumerated() {
        let stands =
            byte == UInt8(ascii: "%")
            ? index + 2 < bytes.count && bytes[index + 1].isHexadecimalDigit
                && bytes[index + 2].isHexadecimalDigit
            : byte.standsInURI
        if stands {
            encoded.append(byte)
        } else {
            encoded.append(UInt8(ascii: "%"))
            encoded.append(hexadecimalDigit(byte >> 4))
            encoded.append(hexadecimalDigit(byte & 0xF))
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + (value - 10)
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// `unreserved` and `reserved` (RFC 3986 §2.2, §2.3).
    fileprivate var standsInURI: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: ":/?#[]@!$&'()*+,;=-._~".utf8.contains(self)
        }
    }
}
