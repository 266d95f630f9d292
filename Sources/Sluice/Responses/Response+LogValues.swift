internal import HTTPEngine

extension Response {
    /// Values that one exchange may have for the access log; further ones are dropped.
    public static let maxLogValueCount = 32

    /// Bytes of UTF-8 that such a value may have; what is beyond is cut off.
    public static let maxLogValueByteCount = 1_024

    /// Says something about this exchange to the access log, where a format can show it by its name:
    /// `%{name}X`, or `CONTEXT_VALUE`. Nothing of it goes to the client, and an error that is
    /// answered instead keeps it. To be called before the head leaves. The log escapes it.
    public mutating func setLogValue(_ name: String, _ value: String) {
        let notes = message.makeNotes()
        let kept = value.utf8.count <= Self.maxLogValueByteCount ? value : Self.cut(value)
        if let index = notes.values.firstIndex(where: { $0.name == name }) {
            notes.values[index].value = kept
        } else if notes.values.count < Self.maxLogValueCount {
            notes.values.append((name, kept))
        }
    }

    /// As many whole scalars as there is room for.
    private static func cut(_ value: String) -> String {
        var end = value.utf8.index(value.startIndex, offsetBy: maxLogValueByteCount)
        while end.samePosition(in: value.unicodeScalars) == nil {
            end = value.utf8.index(before: end)
        }
        return String(value.unicodeScalars[..<end])
    }
}
