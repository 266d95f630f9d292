import Arguments
import Testing

@Suite struct OptionTableTests {
    private struct Settings: Equatable, Sendable {
        var number = 0
        var text = ""
        var isOn = false
    }

    private static let table = OptionTable<Settings>([
        OptionGroup(
            "First",
            [
                Option("--number", "-n", placeholder: "N", help: "a number. [0]") {
                    settings, text throws(ValueError) in
                    settings.number = try Values.integer(text, in: 0...99)
                }
            ]),
        OptionGroup(
            "Second",
            [
                Option("--text", placeholder: "TEXT", help: "a text.") {
                    settings, text throws(ValueError) in
                    settings.text = String(text)
                },
                Option("--on", help: "a switch.") { $0.isOn = true },
            ]),
    ])

    @Test func `options and operands are told apart`() throws {
        var settings = Settings()
        let operands = try Self.table.parse(
            ["one", "--number", "7", "--text=a=b", "--on", "-", "--", "--text"], into: &settings)
        #expect(settings == Settings(number: 7, text: "a=b", isOn: true))
        #expect(operands == ["one", "-", "--text"])
    }

    @Test func `all spellings mean the same and the last value wins`() throws {
        var settings = Settings()
        _ = try Self.table.parse(["-n", "1", "--number=2", "--text", ""], into: &settings)
        #expect(settings == Settings(number: 2))
    }

    @Test(arguments: [
        (["--number", "100"], "--number: '100' is out of range; give 0 to 99"),
        (["-n=x"], "-n: 'x' is not a whole number; give 0 to 99"),
        (["--number"], "--number: a value is missing; give --number N"),
        (["--on=1"], "--on: takes no value, but '1' was given"),
        (["--nmuber", "1"], "--nmuber: unknown option; did you mean --number?"),
        (["--everything"], "--everything: unknown option; --help lists all options"),
    ])
    func `errors name option, value and cure`(arguments: [String], message: String) {
        var settings = Settings()
        #expect(throws: UsageError(message)) {
            try Self.table.parse(arguments, into: &settings)
        }
    }

    @Test func `help has a line for each option under its group`() {
        #expect(
            Self.table.help == """
                First:
                  --number, -n N              a number. [0]

                Second:
                  --text TEXT                 a text.
                  --on                        a switch.

                """)
    }

    @Test func `long texts are broken at blanks`() {
        #expect(wrap("aaa bb c", columns: 6) == ["aaa bb", "c"])
        #expect(wrap("unbreakable", columns: 3) == ["unbreakable"])
        #expect(wrap("", columns: 3) == [])
    }
}
