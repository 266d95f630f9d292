import HTTP1
import Testing

@testable import Sluice

@Suite struct FieldNamesTests {
    /// One for each way in which names are compared: up to 8 bytes, up to 16, and beyond.
    static let names = [
        "a", "te", "referer", "origin-x", "x-forwarded-for", "user-agent", "x^a", "x~a",
        "sixteen-letters-", "seventeen-letters", "x-a-very-long-name-indeed",
        "x-a-very-long-nomo-indeed",
    ]

    @Test(arguments: names)
    func `a name is found in any case, wherever it stands`(name: String) {
        for spelled in [name, name.uppercased(), name.prefix(1).uppercased() + name.dropFirst()] {
            #expect(index(of: spelled, behind: "GET / HTTP/1.1\r\n", ": 1\r\n\r\n") == name)
            #expect(index(of: spelled, behind: "", ":") == name)
        }
    }

    @Test(arguments: names)
    func `a name that differs in one byte is not found`(name: String) {
        for place in name.utf8.indices {
            let byte = name.utf8[place]
            for other in [byte ^ 0x20, byte ^ 1, byte ^ 0x80] {
                var bytes = Array(name.utf8)
                bytes[name.utf8.distance(from: name.utf8.startIndex, to: place)] = other
                let text = String(decoding: bytes, as: UTF8.self)
                guard text.lowercased() != name, !Self.names.contains(text.lowercased()) else {
                    continue
                }
                #expect(index(of: text, behind: "", ": 1\r\n\r\n") == nil)
            }
        }
        #expect(index(of: name + "x", behind: "", ": 1\r\n\r\n") == nil)
        #expect(index(of: String(name.dropLast()), behind: "", ": 1\r\n\r\n") == nil)
    }

    private func index(of name: String, behind before: String, _ after: String) -> String? {
        let bytes = Array((before + name + after).utf8)
        let line = FieldLine(
            name: ByteRange(start: UInt32(before.utf8.count), count: UInt32(name.utf8.count)),
            value: ByteRange())
        return FieldNames(Self.names).index(of: line, in: bytes.span).map { Self.names[$0] }
    }
}
