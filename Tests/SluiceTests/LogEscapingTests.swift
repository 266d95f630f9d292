import Containers
import Presentation
import TestSupport
import Testing

@testable import Sluice

@Suite struct LogEscapingTests {
    @Test(arguments: [
        ("", "", ""), ("plain text", "plain text", "plain text"),
        ("a\"b", #"a\"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#, #"a\\b"#),
        ("a\r\nb", #"a\x0d\x0ab"#, #"a\u000d\u000ab"#), ("\t\u{0}", #"\x09\x00"#, #"\u0009\u0000"#),
        ("\u{1B}[31m", #"\x1b[31m"#, #"\u001b[31m"#), ("\u{7F}", #"\x7f"#, #"\u007f"#),
        ("é€😀", "é€😀", "é€😀"), ("\u{85}", #"\xc2\x85"#, #"\u0085"#),
        ("\u{2028}\u{2029}", #"\xe2\x80\xa8\xe2\x80\xa9"#, #"\u2028\u2029"#),
        ("\u{A0}", "\u{A0}", "\u{A0}"),
    ])
    func `characters that could forge a line are escaped`(
        text: String, plain: String, json: String
    ) {
        #expect(escaped(Array(text.utf8), isJSON: false) == plain)
        #expect(escaped(Array(text.utf8), isJSON: true) == json)
    }

    @Test(
        arguments: [
            ([0xFF], #"\xff"#), ([0x61, 0xC3], #"a\xc3"#), ([0xC3, 0x28], #"\xc3("#),
            ([0xC0, 0xAF], #"\xc0\xaf"#), ([0xE0, 0x80, 0x80], #"\xe0\x80\x80"#),
            ([0xED, 0xA0, 0x80], #"\xed\xa0\x80"#),
            ([0xF4, 0x90, 0x80, 0x80], #"\xf4\x90\x80\x80"#),
            ([0xF0, 0x9F, 0x98], #"\xf0\x9f\x98"#), ([0xE2, 0x82, 0xAC, 0x80], #"€\x80"#),
        ] as [([UInt8], String)])
    func `what is no UTF-8 is escaped byte by byte`(bytes: [UInt8], expected: String) {
        #expect(escaped(bytes, isJSON: false) == expected)
        #expect(
            escaped(bytes, isJSON: true) == expected.replacing("\\x", with: "\\u00"))
    }

    @Test func `whatever comes, a text has no control character and JSON can be read`() throws {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ in
                UInt8.random(
                    in: Bool.random(using: &generator) ? 0...255 : 0x20...0x7E, using: &generator)
            }
            let plain = escaped(bytes, isJSON: false)
            #expect(plain.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
            #expect(!unescapedQuote(in: plain))
            let json = "\"" + escaped(bytes, isJSON: true) + "\""
            _ = try JSONParser.parse(Array(json.utf8))
        }
    }

    @Test(arguments: [
        ("a", true), ("a/b?c", true), ("", false), ("a b", false), ("a=b", false),
        ("a\"", false), ("é", false), ("\\", false),
    ])
    func `a word needs no quotes`(text: String, isWord: Bool) {
        #expect(LogEscaping.isWord(text.utf8.span) == isWord)
    }

    private func escaped(_ bytes: [UInt8], isJSON: Bool) -> String {
        var output = ByteBuffer()
        LogEscaping.append(bytes.span, isJSON: isJSON, to: &output)
        return String(decoding: Array(copying: output.span), as: UTF8.self)
    }

    private func unescapedQuote(in text: String) -> Bool {
        var isEscaped = false
        for character in text.utf8 {
            if character == UInt8(ascii: "\""), !isEscaped { return true }
            isEscaped = character == UInt8(ascii: "\\") && !isEscaped
        }
        return false
    }
}
