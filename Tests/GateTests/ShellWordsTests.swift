import Arguments
import Testing

@testable import gate

@Suite struct ShellWordsTests {
    static let splits: [(text: String, words: [String])] = [
        ("", []), ("   ", []), ("nginx", ["nginx"]),
        ("nginx  -c\tFILE ", ["nginx", "-c", "FILE"]),
        (#"nginx -g "daemon off;" -c FILE"#, ["nginx", "-g", "daemon off;", "-c", "FILE"]),
        ("'a b'c", ["a bc"]), ("a''b", ["ab"]), ("'' \"\"", ["", ""]),
        (#"a\ b"#, ["a b"]), (#"\'"#, ["'"]), (#"'a\b'"#, [#"a\b"#]),
        (#""a\"b""#, [#"a"b"#]), (#""a\b""#, [#"a\b"#]), (#""\$HOME""#, ["$HOME"]),
        ("$HOME *", ["$HOME", "*"]),
    ]

    @Test(arguments: splits)
    func `splits as a shell does, without expansion`(text: String, words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test(arguments: ["'a", "\"a", "a\"b 'c", "a\\"])
    func `refuses what does not end`(text: String) {
        #expect(throws: ValueError.self) { try ShellWords.split(text) }
    }

    @Test(arguments: splits.map(\.words) + [["it's", "a\"b", "$x", ";", "\n"]])
    func `joined words split into themselves`(words: [String]) throws {
        #expect(try ShellWords.split(ShellWords.join(words)) == words)
    }

    @Test func `plain words are joined as they are`() {
        #expect(ShellWords.join(["/x/sluice", "--port", "0"]) == "/x/sluice --port 0")
    }
}
