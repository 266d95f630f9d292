extension Span where Element == UInt8 {
    /// Whether two names are the same but for the case of ASCII letters (RFC 9110 §5.1). Eight bytes
    /// at a time; `equalsIgnoringCase` is for names that are known to be in lower case.
    package func isSameName(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        while offset < count {
            guard Word.lowercased(word(at: offset)) == Word.lowercased(other.word(at: offset))
            else { return false }
            offset &+= 8  // Stays below `count` + 8.
        }
        return true
    }
}
