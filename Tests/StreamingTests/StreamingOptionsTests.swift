import LoadGenCore
import TestSupport
import Testing

@testable import streaming

@Suite struct StreamingOptionsTests {
    private func run(_ arguments: [String]) throws -> ChildProcess.Finished {
        try ChildProcess(SluiceProcess.path(of: "streaming"), arguments).wait()
    }

    @Test func `help names every option and fits 90 columns`() throws {
        let finished = try run(["--help"])
        #expect(finished.code == 0)
        let options = [
            "--bytes", "--chunked", "--method", "--rounds", "--patience", "--pid", "--against",
            "--against-pid", "--help",
        ]
        for option in options { #expect(finished.output.contains("  \(option)"), "\(option)") }
        for line in finished.output.split(separator: "\n") { #expect(line.count <= 90, "\(line)") }
    }

    @Test func `without options it is a gibibyte, five times`() throws {
        let order = try #require(
            try StreamingOptions.parse(["upload", "http://127.0.0.1:8080/a?b"]))
        #expect(order.direction == .upload && order.method == "POST" && !order.isChunked)
        #expect(order.byteCount == 1 << 30 && order.roundCount == 5)
        #expect(order.sides.map(\.target.description) == ["http://127.0.0.1:8080/a?b"])
        #expect(order.sides[0].process == nil)
    }

    @Test func `options may stand anywhere`() throws {
        let order = try #require(
            try StreamingOptions.parse([
                "--rounds=2", "upload", "--pid", "7", "http://a/", "--against", "http://b:81/c",
                "--against-pid", "8", "--bytes", "3k", "--chunked", "--method", "PUT",
                "--patience", "2s",
            ]))
        #expect(order.roundCount == 2 && order.byteCount == 3_072 && order.isChunked)
        #expect(order.method == "PUT" && order.patience == 2_000_000_000)
        #expect(order.sides.map(\.target.authority) == ["a", "b:81"])
        #expect(order.sides.map(\.process) == [7, 8])
    }

    static let refused: [([String], String)] = [
        (
            [],
            "a direction and a URL are needed, as in streaming upload http://127.0.0.1:8080/upload"
        ),
        (
            ["upload"],
            "a direction and a URL are needed, as in streaming upload http://127.0.0.1:8080/upload"
        ),
        (["sideload", "http://a/"], "'sideload': is no direction; give upload or download"),
        (
            ["upload", "http://a/", "http://b/"],
            "'http://b/': is one operand too many; --against http://b/ compares"
        ),
        (
            ["upload", "ftp://a/"],
            "'ftp://a/': is not a URL that can be used; write it as http://127.0.0.1:8080/path"
        ),
        (
            ["upload", "http://a/", "--against", "b"],
            "--against: 'b' is not a URL that can be used; write it as "
                + "http://127.0.0.1:8080/path"
        ),
        (
            ["upload", "http://a/", "--against-pid", "7"],
            "--against-pid: there is no other server; give --against URL too"
        ),
        (["upload", "http://a/", "--pid", "0"], "--pid: '0' is out of range; give 1 to 4194304"),
        (
            ["upload", "http://a/", "--method", "GET"],
            "--method: 'GET' is no method with a body; give POST or PUT"
        ),
        (
            ["upload", "http://a/", "--bytes", "0"],
            "--bytes: '0' is out of range; give 1 to 1099511627776 bytes"
        ),
    ]

    @Test(arguments: refused)
    func `what is not understood is named, with a cure`(
        arguments: [String], message: String
    ) throws {
        let finished = try run(arguments)
        #expect(finished.code == 2 && finished.output.isEmpty)
        #expect(finished.error == "streaming: \(message)\n")
    }
}
