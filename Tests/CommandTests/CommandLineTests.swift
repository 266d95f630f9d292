import Foundation
import TestSupport
import Testing

/// What the executable says to what it is told: one line, on the right stream, and an exit code.
@Suite struct CommandLineTests {
    /// Name, unit or values, default.
    static let options: [(name: String, placeholder: String, standard: String?)] = [
        ("--host", "HOST", "127.0.0.1"), ("--port", "N", "8080"), ("--engine", "NAME", "reactor"),
        ("--workers", "N", "16"), ("--queue-size", "N", "1024"),
        ("--backlog", "N", "4096"), ("--max-connections", "N", "10000"),
        ("--keepalive-timeout", "TIME", "10s"), ("--max-keepalive-requests", "N", "10000"),
        ("--header-timeout", "TIME", "10s"), ("--body-timeout", "TIME", "30s"),
        ("--write-timeout", "TIME", "30s"), ("--min-transfer-rate", "SIZE", "1024"),
        ("--drain-timeout", "TIME", "5s"), ("--max-header-bytes", "SIZE", "16384"),
        ("--max-body-bytes", "SIZE", "1048576"), ("--max-target-length", "SIZE", "8192"),
        ("--max-pipelined-requests", "N", "64"), ("--server-name", "TEXT", "Sluice"),
        ("--trusted-proxies", "CIDR,…", "nobody"), ("--proxy-protocol", "", nil),
        ("--static-dir", "DIR", "files of the program's own"), ("--static", "PREFIX=DIR", "none"),
        ("--static-cache-control", "TEXT", "no field"), ("--static-listing", "", nil),
        ("--static-hidden", "", nil),
        ("--upload-dir", "DIR", "no such route"), ("--upload-max-size", "SIZE", "1g"),
        ("--compress", "", nil), ("--compress-threshold", "SIZE", "512"),
        ("--compress-level", "N", "4"), ("--compress-memory", "SIZE", "256k"),
        ("--decompress-requests", "", nil),
        ("--access-log", "FILE", "off, or - with --log-format"),
        ("--log-format", "FORMAT", "combined"), ("--log-fields", "FILE", "none"),
        ("--log-overflow", "POLICY", "drop"), ("--log-time", "ZONE", "utc"),
        ("--request-id", "FORMAT", "off"), ("--request-id-field", "NAME", "X-Request-ID"),
        ("--request-id-from", "WHOM", "trusted-proxies"), ("--instance-id", "TEXT", "no name"),
        ("--error-log", "FILE", "-"), ("--error-log-format", "FORMAT", "text"),
        ("--log-level", "LEVEL", "notice"), ("--log-wire", "", nil),
        ("--status-from", "CIDR,…", "this machine, without a proxy"),
        ("--slow-request", "TIME", "500ms"), ("--no-status", "", nil),
        ("--version", "", nil), ("--help", "", nil),
    ]

    @Test(arguments: [["--help"], ["-h"], ["serve", "--help"]])
    func `help lists every option with its unit and default`(arguments: [String]) throws {
        let finished = try SluiceProcess.run(arguments)
        #expect(finished.code == 0)
        #expect(finished.error == "")
        let entries = Self.entries(ofHelp: finished.output)
        for option in Self.options {
            let entry = try #require(entries[option.name], "\(option.name)")
            #expect(entry.contains("\(option.name) \(option.placeholder)") || entry.contains("-h"))
            if let standard = option.standard {
                #expect(entry.contains("[\(standard)]"), "\(entry)")
            }
        }
        #expect(entries.count == Self.options.count, "an option is not in this test's table")
        #expect(finished.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func `version prints a version`() throws {
        let finished = try SluiceProcess.run(["--version"])
        #expect(finished.code == 0)
        #expect(finished.error == "")
        // The tests are a debug build, and so is what they start.
        let version = /sluice [0-9]+\.[0-9]+\.[0-9]+ \(debug build\)\n/
        #expect(finished.output.wholeMatch(of: version) != nil)
    }

    @Test(arguments: [
        (["--prot", "80"], "--prot: unknown option; did you mean --port?"),
        (
            ["--max-conections=5"],
            "--max-conections: unknown option; did you mean --max-connections?"
        ),
        (["--frobnicate-all"], "--frobnicate-all: unknown option; --help lists all options"),
        (["-x"], "-x: unknown option; did you mean -h?"),
        (["--port"], "--port: a value is missing; give --port N"),
        (["--help=yes"], "--help: takes no value, but 'yes' was given"),
        (["start"], "'start' is no command; the only one is serve (--help shows more)"),
        (["serve", "twice"], "'twice' is no command; the only one is serve (--help shows more)"),
    ])
    func `what it does not understand ends with usage`(
        arguments: [String], message: String
    ) throws {
        try expectOneLine(SluiceProcess.run(arguments), code: 2, containing: [message])
    }

    static let badValues: [(option: String, values: [String])] = [
        ("--host", [""]),
        ("--port", ["", "abc", "-1", "+80", "65536", "80x", "8 0", "99999999999999999999"]),
        ("--engine", ["", "epoll", "Reactor"]),
        (
            "--trusted-proxies",
            [
                "", ",", "10.0.0.0/8,", "10.0.0.0/33", "10.1.2.3/8", "localhost", "10.0.0.0/8 ::1",
                Array(repeating: "::1", count: 1_025).joined(separator: ","),
            ]
        ),
        ("--backlog", ["0", "-1", "65536", "x"]),
        ("--max-connections", ["0", "-1", "1000001", "1k", "x"]),
        (
            "--keepalive-timeout",
            ["", "x", "-1", "5d", "1 s", ".", "1.2.3", "inf", "nan", "1e3", "99999999h", "٣"]
        ),
        ("--max-keepalive-requests", ["-1", "x", "9223372036854775808"]),
        ("--header-timeout", ["-1", "10x", "s"]),
        ("--body-timeout", ["-1", "10x", "ms"]),
        ("--write-timeout", ["-1", "10x"]),
        ("--min-transfer-rate", ["-1", "1q", "1.5k", "99999999999999999999g"]),
        ("--drain-timeout", ["-1", "never"]),
        ("--max-header-bytes", ["0", "63", "65536", "64kk", "x"]),
        ("--max-body-bytes", ["-1", "2g", "9223372036854775807g", "x"]),
        ("--max-target-length", ["0", "65536", "x"]),
        ("--max-pipelined-requests", ["0", "65537", "x"]),
        ("--static-dir", [""]),
        ("--static", ["", "/docs", "=/srv", "docs=/srv", "/docs=", "/a*=/srv", "/{a}=/srv"]),
        ("--static-cache-control", ["", "a\u{1}b", "a\r\nb"]),
        ("--upload-dir", [""]),
        ("--upload-max-size", ["-1", "1q", "2000000g", "x"]),
        ("--request-id", ["", "UUID", "uuid4", "base32"]),
        ("--request-id-field", ["", "a b", "Content-Length", "set-cookie"]),
        ("--request-id-from", ["", "all", "10.0.0.0/8"]),
        ("--instance-id", ["", "a b", "a\"b", "a\\b", "ä", String(repeating: "x", count: 65)]),
        ("--error-log", [""]), ("--error-log-format", ["", "JSON", "xml"]),
        ("--log-level", ["", "loud", "Error", "warn"]),
        ("--server-name", ["a\u{1}b", "a\u{7F}"]),
        ("--access-log", [""]),
        ("--log-format", ["", "combinde", "%Q", "%{a}h", "%i", "%{nothing}t", "%s\n"]),
        ("--log-fields", [""]), ("--log-overflow", ["", "wait"]), ("--log-time", ["", "CET"]),
        ("--status-from", ["", ",", "10.1.2.3/8", "localhost"]),
        ("--slow-request", ["", "-1", "soon"]),
    ]

    @Test(arguments: badValues)
    func `a bad value is named with its option and a cure`(
        option: String, values: [String]
    ) throws {
        for value in values {
            let finished = try SluiceProcess.run([option, value])
            // Control characters are shown by their numbers, so that an error stays one line.
            let shown = value.unicodeScalars.map {
                $0.value < 0x20 || $0.value == 0x7F
                    ? "\\u{\(String($0.value, radix: 16))}" : String($0)
            }.joined()
            try expectOneLine(finished, code: 2, containing: ["\(option): '\(shown)' ", "; give "])
        }
    }

    @Test func `the last of two values wins, and errors come before help`() throws {
        #expect(try SluiceProcess.run(["--port", "1", "--port", "2", "--help"]).code == 0)
        try expectOneLine(
            SluiceProcess.run(["--help", "--port", "x"]), code: 2, containing: ["--port: 'x'"])
    }

    @Test func `a port in use is named`() throws {
        try withSluice { first in
            let finished = try SluiceProcess.run(["--port", String(first.port)])
            try expectOneLine(
                finished, code: 1,
                containing: ["--host 127.0.0.1", "--port \(first.port)", "in use"])
        }
    }

    @Test(arguments: ["/nowhere/at/all", "/dev/null"])
    func `an upload folder that cannot be opened is named`(path: String) throws {
        let finished = try SluiceProcess.run(["--port", "0", "--upload-dir", path])
        try expectOneLine(finished, code: 1, containing: ["--upload-dir", "\"\(path)\""])
    }

    @Test(arguments: [("--static-dir", "/nowhere"), ("--static", "/a=/nowhere")])
    func `a folder of static files that cannot be opened is named`(
        option: String, value: String
    ) throws {
        let finished = try SluiceProcess.run(["--port", "0", option, value])
        try expectOneLine(finished, code: 1, containing: ["\(option): ", "\"/nowhere\""])
    }

    @Test(arguments: ["/nowhere/log", "/tmp"])
    func `an error log that cannot be opened is named`(path: String) throws {
        let finished = try SluiceProcess.run(["--port", "0", "--error-log", path])
        try expectOneLine(finished, code: 1, containing: ["--error-log: ", "\"\(path)\""])
    }

    @Test func `an access log that cannot be opened is named`() throws {
        let finished = try SluiceProcess.run(["--port", "0", "--access-log", "/nowhere/log"])
        try expectOneLine(finished, code: 1, containing: ["--access-log: ", "/nowhere/log"])
    }

    @Test func `fields of the log that cannot be read or understood are named`() throws {
        let missing = try SluiceProcess.run(["--port", "0", "--log-fields", "/nowhere"])
        try expectOneLine(missing, code: 1, containing: ["--log-fields: '/nowhere' cannot be read"])
        let empty = try SluiceProcess.run(["--port", "0", "--log-fields", "/dev/null"])
        try expectOneLine(
            empty, code: 1, containing: ["--log-fields: '/dev/null' is not JSON", "; give "])
    }

    @Test func `an address of another machine is named`() throws {
        // TEST-NET-3 (RFC 5737) is nobody's.
        let finished = try SluiceProcess.run(["--port", "0", "--host", "203.0.113.1"])
        try expectOneLine(finished, code: 1, containing: ["--host 203.0.113.1"])
    }

    /// Neither can be a name, so no name service is asked.
    @Test(arguments: [String(repeating: "x", count: 300), "256.256.256.256.", "::1::2"])
    func `a host that is no host is named`(host: String) throws {
        let finished = try SluiceProcess.run(["--port", "0", "--host", host])
        try expectOneLine(finished, code: 1, containing: ["--host", "'\(host)'"])
    }

    private func expectOneLine(
        _ finished: ChildProcess.Finished, code: Int32, containing parts: [String]
    ) throws {
        #expect(finished.code == code, "\(finished)")
        #expect(finished.output == "")
        #expect(finished.error.hasPrefix("sluice: "))
        #expect(finished.error.hasSuffix("\n"))
        #expect(finished.error.filter { $0 == "\n" }.count == 1, "\(finished.error)")
        for part in parts { #expect(finished.error.contains(part), "\(finished.error)") }
    }

    /// Each option's paragraph, by its name.
    private static func entries(ofHelp help: String) -> [String: String] {
        var entries: [String: String] = [:]
        var name: String?
        for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("  --") {
                let first = line.dropFirst(2).prefix { $0 != " " && $0 != "," }
                name = String(first)
                entries[String(first)] = String(line)
            } else if line.hasPrefix("   "), let name {
                entries[name, default: ""] += " " + line.trimmingCharacters(in: .whitespaces)
            } else {
                name = nil
            }
        }
        return entries
    }
}
