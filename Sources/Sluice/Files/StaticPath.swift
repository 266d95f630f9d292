/// The path of a request behind the mount of static files, on its way to a path beneath a folder.
enum StaticPath {
    /// Percent-decodes a path, once, and refuses what names nothing beneath a folder, or should not.
    ///
    /// - Parameter path: As it came: no bare `%`, no control characters.
    /// - Throws: `HTTPError`, whose code says which rule it breaks.
    static func decoded(_ path: Span<UInt8>, allowsHidden: Bool) throws(HTTPError) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(path.count)
        var (offset, segmentStart) = (0, 0)
        while offset < path.count {
            let isEncoded = path[offset] == UInt8(ascii: "%")
            let byte = path.decodedByte(at: &offset, end: path.count)
            if byte == UInt8(ascii: "/"), !isEncoded {
                let segment = decoded[segmentStart...]
                // The last slash of a folder's path has nothing behind it, and any other something
                // before it.
                guard !segment.isEmpty else { throw Self.nothingHere }
                try check(segment, allowsHidden)
                segmentStart = decoded.count + 1
            } else if byte == UInt8(ascii: "/") {
                throw HTTPError(
                    .badRequest, code: "encoded_slash",
                    message: "a slash in a name is not possible here")
            } else if byte == 0 || byte == UInt8(ascii: "\\") {
                throw HTTPError(
                    .badRequest, code: "invalid_path",
                    message: "the path holds a NUL or a backslash")
            }
            decoded.append(byte)
        }
        if segmentStart < decoded.count { try check(decoded[segmentStart...], allowsHidden) }
        return decoded
    }

    /// What is said of a path where nothing is.
    static var nothingHere: HTTPError { HTTPError(.notFound, code: "no_such_file") }

    private static func check(
        _ segment: ArraySlice<UInt8>, _ allowsHidden: Bool
    ) throws(HTTPError) {
        guard segment.first == UInt8(ascii: ".") else { return }
        if segment.count == 1 || (segment.count == 2 && segment.last == UInt8(ascii: ".")) {
            throw HTTPError(
                .forbidden, code: "dot_segment", message: "the path holds '.' or '..' as a name")
        }
        guard allowsHidden else {
            throw HTTPError(
                .forbidden, code: "hidden_file",
                message: "names that begin with a dot are not shown"
            )
        }
    }
}
