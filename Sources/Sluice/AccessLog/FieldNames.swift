internal import Containers
internal import HTTP1
internal import HTTPEngine

/// Names of fields that are looked for in every request: a field line costs one look when no name is
/// as long as its own, and a comparison of one or two words for each that is.
struct FieldNames: Sendable {
    fileprivate struct Name: Sendable, BitwiseCopyable {
        let count: Int
        /// The first eight bytes, and the last eight of a name that has so many; what a shorter name
        /// has not is 0.
        let first: UInt64
        let last: UInt64
        /// 0x20 where there is a letter: a byte with this bit set is that letter only if it is it, in
        /// whatever case.
        let firstLetters: UInt64
        let lastLetters: UInt64
        /// The bytes that a name of less than eight has.
        let mask: UInt64
    }

    private let names: [Name]
    /// The same, spelt out; needed beyond sixteen bytes only.
    private let spelled: [[UInt8]]
    /// Bit n: there is a name of n bytes. Bit 63: 63 and more.
    private let lengths: UInt64

    /// - Parameter names: In lower case.
    init(_ names: [String]) {
        spelled = names.map { Array($0.utf8) }
        self.names = spelled.map { Name($0) }
        lengths = names.reduce(0) { $0 | Self.bit(ofLength: $1.utf8.count) }
    }

    var count: Int { names.count }

    /// Whether some name is as long as that of a field line: most lines are not looked at again.
    @inline(__always)
    func mayHold(_ line: FieldLine) -> Bool {
        lengths & Self.bit(ofLength: Int(line.name.count)) != 0
    }

    /// Which name a field line of a request has.
    func index(of line: FieldLine, in bytes: Span<UInt8>) -> Int? {
        let count = Int(line.name.count)
        guard mayHold(line) else { return nil }
        let start = line.name.startOffset
        // Behind a name there are at least five bytes of its head, and nearly always more.
        guard start + 8 <= bytes.count else { return slowIndex(of: bytes.extracting(line.name)) }
        let first = bytes.value(at: start, as: UInt64.self).littleEndian
        for index in names.indices {
            let name = names[index]
            guard name.count == count, first & name.mask | name.firstLetters == name.first
            else { continue }
            if count <= 8 { return index }
            let last = bytes.value(at: start + count - 8, as: UInt64.self).littleEndian
            guard last | name.lastLetters == name.last else { continue }
            if count <= 16 { return index }
            if isSpelled(bytes.extracting(line.name), index) { return index }
        }
        return nil
    }

    private func slowIndex(of name: Span<UInt8>) -> Int? {
        for index in spelled.indices where isSpelled(name, index) { return index }
        return nil
    }

    private func isSpelled(_ name: Span<UInt8>, _ index: Int) -> Bool {
        let bytes = spelled[index]
        return name.equalsIgnoringCase(bytes.span)
    }

    @inline(__always)
    private static func bit(ofLength count: Int) -> UInt64 { 1 << UInt64(min(count, 63)) }
}

extension FieldNames.Name {
    init(_ bytes: [UInt8]) {
        count = bytes.count
        (first, firstLetters) = Self.word(bytes.prefix(8))
        (last, lastLetters) = bytes.count >= 8 ? Self.word(bytes.suffix(8)) : (0, 0)
        mask = bytes.count >= 8 ? .max : 1 << UInt64(8 * bytes.count) - 1
    }

    /// The first byte is the lowest.
    private static func word(_ bytes: ArraySlice<UInt8>) -> (word: UInt64, letters: UInt64) {
        bytes.reversed().reduce((0, 0)) { words, byte in
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            return (words.0 << 8 | UInt64(byte), words.1 << 8 | (isLetter ? 0x20 : 0))
        }
    }
}
