import Testing

@testable import HTTP1

@Suite struct ByteScannerTests {
    /// Looks for every byte at every place of spans of every short length, behind bytes of the
    /// class and before all kinds of bytes, at the end of what may be read.
    private func check<Class: ByteClass>(_: Class.Type, members: [UInt8]) {
        let isMember = (0...255).map { members.contains(UInt8($0)) }
        var input = GuardPage(capacity: 64)
        for length in 0...40 {
            for place in 0..<max(length, 1) {
                for byte in stride(from: 0, through: 255, by: length < 20 ? 1 : 7) {
                    var bytes = (0..<length).map { members[($0 * 7 + byte) % members.count] }
                    if place < length { bytes[place] = UInt8(byte) }
                    // Bytes above 127 and zero behind it must not move the mark.
                    if place + 1 < length { bytes[place + 1] = byte % 2 == 0 ? 0xFF : 0 }
                    input.place(bytes)
                    let start = byte % (place + 1)
                    let expected = bytes[start...].firstIndex { !isMember[Int($0)] } ?? length
                    guard input.span.end(of: Class.self, from: start) == expected else {
                        Issue.record("\(bytes) from \(start), not \(expected)")
                        return
                    }
                }
            }
        }
    }

    @Test func `finds the end of letters and hyphens`() {
        check(LettersAndHyphens.self, members: Array((GrammarTests.letters + "-").utf8))
    }

    @Test func `finds the end of the bytes of common names`() {
        let members = GrammarTests.letters + GrammarTests.digits + "-."
        check(CommonNameBytes.self, members: Array(members.utf8))
    }

    @Test func `finds the end of the bytes of common targets`() {
        let members = GrammarTests.letters + "&'()*+,-./0123456789:;"
        check(CommonTargetBytes.self, members: Array(members.utf8))
    }

    @Test func `finds the end of text without tabs`() {
        check(TextWithoutTabs.self, members: Array(0x20...0x7E) + Array(0x80...0xFF))
    }

    @Test func `a word is padded with zeros at the end`() {
        var input = GuardPage(capacity: 32)
        for length in 0...20 {
            let bytes = (0..<length).map { UInt8($0 + 1) }
            input.place(bytes)
            for offset in 0...length {
                let expected = (0..<8).reversed().reduce(UInt64(0)) { word, index in
                    word << 8 | (offset + index < length ? UInt64(bytes[offset + index]) : 0)
                }
                #expect(input.span.word(at: offset) == expected)
                #expect(input.span.halfWord(at: offset) == UInt32(truncatingIfNeeded: expected))
            }
        }
    }

    static let sets: [(set: ByteSet, members: String)] = [
        (.token, GrammarTests.token),
        (.path, GrammarTests.path),
        (.absoluteTarget, GrammarTests.path + "[]"),
        (.query, GrammarTests.query),
        (.registeredName, GrammarTests.unreserved + GrammarTests.subDelims),
        (.futureAddress, GrammarTests.unreserved + GrammarTests.subDelims + ":"),
    ]

    @Test func `each set has the bytes that its grammar says`() {
        for (set, members) in Self.sets {
            for byte in UInt8.min...UInt8.max {
                #expect(set.contains(byte) == members.utf8.contains(byte), "\(members) \(byte)")
            }
        }
    }

    @Test func `hexadecimal digits`() {
        for byte in UInt8.min...UInt8.max {
            let character = byte < 128 ? String(Unicode.Scalar(byte)) : ""
            #expect(byte.hexadecimalValue == UInt8(character, radix: 16))
        }
    }
}
