import Testing

@testable import HTTP1

@Suite struct FieldSyntaxTests {
    private func placed<Result>(_ bytes: [UInt8], _ body: (Span<UInt8>) -> Result) -> Result {
        var input = GuardPage(capacity: bytes.count)
        input.place(bytes)
        return body(input.span)
    }

    @Test func `a token has only token bytes, and at least one`() {
        for byte in UInt8.min...UInt8.max {
            let expected = GrammarTests.token.utf8.contains(byte)
            for bytes in [[byte], [0x61, byte], Array(repeating: 0x61, count: 40) + [byte, 0x61]] {
                #expect(placed(bytes) { FieldSyntax.isToken($0) } == expected)
            }
        }
        #expect(!placed([]) { FieldSyntax.isToken($0) })
    }

    @Test func `a value cannot end its line`() {
        for byte in UInt8.min...UInt8.max {
            let expected = byte == 9 || (byte >= 32 && byte != 127)
            for count in [0, 1, 7, 8, 15, 16, 33] {
                let bytes = Array(repeating: UInt8(0x61), count: count) + [byte]
                #expect(placed(bytes) { FieldSyntax.isFieldValue($0) } == expected)
            }
        }
        #expect(placed([]) { FieldSyntax.isFieldValue($0) })
    }

    @Test func `bytes are the same only when every one is`() {
        for count in 0...50 {
            let bytes = (0..<count).map { UInt8($0) }
            #expect(placed(bytes) { $0.isSame(as: bytes.span) })
            #expect(!placed(bytes) { $0.isSame(as: (bytes + [0]).span) })
            for index in bytes.indices {
                var other = bytes
                other[index] ^= 0x80
                #expect(!placed(bytes) { $0.isSame(as: other.span) })
            }
        }
    }

    @Test func `two slashes in a row are found wherever they stand, and nothing else is`() {
        for count in 0...27 {
            // Bytes that differ from a slash in one bit, the highest included.
            let others = (0..<count).map { UInt8(0x2F) ^ 1 << UInt8($0 % 8) }
            #expect(!placed(others) { $0.hasDoubledSlash })
            for index in others.indices {
                var path = others
                path[index] = UInt8(ascii: "/")
                #expect(!placed(path) { $0.hasDoubledSlash })
                guard index > 0 else { continue }
                path[index - 1] = UInt8(ascii: "/")
                #expect(placed(path) { $0.hasDoubledSlash })
            }
        }
    }

    @Test func `a hash of bytes depends on each of them, on their order and on their number`() {
        var seen: Set<UInt64> = []
        for count in 0...27 {
            let bytes = (0..<count).map { UInt8($0) }
            seen.insert(placed(bytes) { $0.wordHash })
            for index in bytes.indices {
                var other = bytes
                other[index] ^= 0x80
                seen.insert(placed(other) { $0.wordHash })
                guard index > 0 else { continue }
                other = bytes
                other.swapAt(index, index - 1)
                seen.insert(placed(other) { $0.wordHash })
            }
        }
        // None of them twice: 28 lengths, each byte changed, each pair exchanged.
        #expect(seen.count == 28 + (0...27).reduce(0) { $0 + $1 + max(0, $1 - 1) })
    }

    @Test func `only ASCII letters are equal in either case`() {
        let name: StaticString = "content-length_^~x"
        let lower = Array("\(name)".utf8)
        for index in lower.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = lower
                bytes[index] = byte
                let upper =
                    lower[index] >= 97 && lower[index] <= 122 ? lower[index] - 32 : lower[index]
                let expected = byte == lower[index] || byte == upper
                #expect(placed(bytes) { $0.equalsIgnoringCase(name) } == expected)
            }
        }
        #expect(!placed(Array(lower.dropLast())) { $0.equalsIgnoringCase(name) })
        #expect(!placed(lower + [0]) { $0.equalsIgnoringCase(name) })
    }
}

@Suite struct StatusLineTests {
    @Test func `a status line is its code and its reason`() {
        var count = 0
        for status in 0...1000 {
            let reason = "\(ReasonPhrase.text(for: status))"
            if let line = StatusLine.bytes(for: status) {
                #expect("\(line)" == "HTTP/1.1 \(status) \(reason)\r\n")
                #expect(!reason.isEmpty)
                count += 1
            } else {
                #expect(reason.isEmpty)
            }
        }
        #expect(count == 61)
    }

    @Test(arguments: ParseError.Kind.allCases)
    func `every fault has a reason, and a status that has a line`(_ kind: ParseError.Kind) {
        #expect(kind.reason.utf8CodeUnitCount > 0)
        #expect(StatusLine.bytes(for: kind.status) != nil)
        #expect((400...599).contains(kind.status))
    }
}
