import Presentation
import Testing

@Suite struct JSONValueTests {
    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("-12", .integer(-12)),
        ("0", .integer(0)),
        ("1.5", .number(1.5)), ("1e3", .number(1_000)), ("[]", .array([])), ("{}", .object([])),
        ("\"a\\n\\u00e4\\ud83d\\ude00/\"", .string("a\nä😀/")),
        (
            "{\"a\":[1,{\"b\":null}]}",
            .object([.init("a", .array([.integer(1), .object([.init("b", .null)])]))])
        ),
        ("99999999999999999999", .number(1e20)),
    ])
    func `reads JSON`(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(Array(text.utf8)) == value)
        #expect(try JSONParser.parse(Array(value.compactText.utf8)) == value)
        #expect(try JSONParser.parse(Array(value.text.utf8)) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "truex", "01", "-", "1.", ".5", "1e", "+1", "[1,]", "[1 2]", "{a:1}",
        "{\"a\"}", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
        "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "1 2", "[", "{", "NaN", "1e999",
        String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
    ])
    func `refuses everything else`(text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func `escapes what must be escaped`() {
        #expect(JSONValue.string("a\"\\\n\u{1}/").compactText == #""a\"\\\n\u0001/""#)
    }
}
