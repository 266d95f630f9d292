internal import Containers
internal import HTTP1
internal import HTTPEngine

// What middleware asks about an answer that somebody else has made.

extension Response {
    /// Whether the answer has a field, in any case of its name. O(field lines).
    func hasField(_ name: Span<UInt8>) -> Bool {
        hasField(name, within: fieldsByteCount)
    }

    /// Bytes of the field lines so far: what lies behind is what is added from now on.
    var fieldsByteCount: Int { message.fields.count }

    /// The same, among the lines in the first so many bytes.
    func hasField(_ name: Span<UInt8>, within byteCount: Int) -> Bool {
        if message.contentType != .none, name.count == 12,
            name.isSameName(as: "content-type".utf8.span)
        {
            return true
        }
        let lines = message.fields.span
        var start = 0
        while start < byteCount {
            let end = lines.endOfLine(from: start)
            if lines.isLine(of: name, start..<end) { return true }
            start = end + 2
        }
        return false
    }

    /// Adds the items of `wanted`, divided by `, `, that `Vary` does not name yet, as one line more
    /// (RFC 9110 §12.5.5); nothing when it names everything by `*`.
    mutating func addVary(_ wanted: [String]) {
        let missing = wanted.filter { !varies(by: $0) }
        guard !missing.isEmpty, !varies(by: "*") else { return }
        // They are tokens, so the line is right by construction.
        try? addField("Vary", missing.joined(separator: ", "))
    }

    private func varies(by item: String) -> Bool { lists(item, in: "vary") }

    /// Whether a field that is a list has an element, whatever the case of its letters.
    func lists(_ item: String, in name: String) -> Bool {
        let lines = message.fields.span
        let (item, name) = (item.utf8.span, name.utf8.span)
        var start = 0
        while start < lines.count {
            let end = lines.endOfLine(from: start)
            if lines.isLine(of: name, start..<end),
                lines.hasElement(item, in: (start + name.count + 1)..<end)
            {
                return true
            }
            start = end + 2
        }
        return false
    }

    /// Where the value of the first line of a field stands among the encoded lines; `nil` without
    /// one, and when it is empty. Does not look at the type that `send` has chosen.
    func valueRange(of name: Span<UInt8>) -> Range<Int>? {
        let lines = message.fields.span
        var start = 0
        while start < lines.count {
            let end = lines.endOfLine(from: start)
            if lines.isLine(of: name, start..<end) {
                let value = lines.trimmed((start + name.count + 1)..<end)
                return value.isEmpty ? nil : value
            }
            start = end + 2
        }
        return nil
    }
}

extension Span where Element == UInt8 {
    /// Where the CR stands that ends an encoded field line: values hold none.
    fileprivate func endOfLine(from start: Int) -> Int {
        firstIndex(of: UInt8(ascii: "\r"), in: start..<count) ?? count
    }

    fileprivate func isLine(of name: Span<UInt8>, _ line: Range<Int>) -> Bool {
        guard line.count > name.count, self[line.lowerBound + name.count] == UInt8(ascii: ":")
        else { return false }
        return extracting(line.lowerBound..<(line.lowerBound + name.count)).isSameName(as: name)
    }

    /// Whether a list, divided by commas, has an element, whatever the case of its letters
    /// (RFC 9110 §5.6.1).
    func hasElement(_ wanted: Span<UInt8>, in range: Range<Int>) -> Bool {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = firstIndex(of: UInt8(ascii: ","), in: start..<range.upperBound)
            let element = trimmed(start..<(end ?? range.upperBound))
            if extracting(element).isSameName(as: wanted) { return true }
            start = (end ?? range.upperBound) + 1
        }
        return false
    }
}
