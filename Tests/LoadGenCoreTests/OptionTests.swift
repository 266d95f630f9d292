import Arguments
import Testing

@testable import LoadGenCore

/// Files that exist only here.
let testFiles = FileReader { (path) throws(FileReader.FileError) in
    switch path {
    case "body.json": return Array("{\"n\":{seq}}".utf8)
    case "mix.txt": return Array("3 GET /a\n1 POST /b \"x y\" 201\n".utf8)
    case "empty.txt": return Array("# nothing\n\n".utf8)
    case "bad.txt": return Array("1 GET /a\n0 GET /b\n".utf8)
    default: throw FileReader.FileError(reason: "No such file or directory")
    }
}

private func invocation(_ line: String) throws -> Invocation {
    try OptionParser(readFile: testFiles).parse(line.split(separator: " ").map(String.init))
}

private func options(_ line: String) throws -> Options {
    guard case .run(let options) = try invocation(line) else {
        throw OptionError(option: line, problem: "is no run", cure: "")
    }
    return options
}

private func message(_ line: String) -> String? {
    do {
        _ = try invocation(line)
        return nil
    } catch {
        return String(describing: error)
    }
}

@Suite struct OptionParserTests {
    @Test func `says what a silent command line means`() throws {
        let options = try options("")
        #expect(options.target.description == "http://127.0.0.1:8080/")
        #expect(options.connectionCount == 100)
        #expect(options.duration == 10_000_000_000)
        #expect(options.timeout == 2_000_000_000)
        #expect(options.connectTimeout == 2_000_000_000)
        #expect(options.keepsAlive && options.pipelineDepth == 1)
        #expect(options.schedule == .closedLoop)
        #expect(options.mix.entries.map(\.method) == ["GET"])
    }

    @Test func `takes the options of the original program`() throws {
        let options = try options(
            "--host 127.0.0.1 --port 8081 --path /x --concurrency 200 --duration 20 --timeout 3 "
                + "--keepalive --pipeline-depth 4")
        #expect(options.target == TargetURL(host: "127.0.0.1", port: 8081, path: "/x"))
        #expect(options.connectionCount == 200 && options.pipelineDepth == 4)
        #expect(options.duration == 20_000_000_000 && options.timeout == 3_000_000_000)
    }

    @Test(arguments: [
        "http://h:1/p -c 5 -d 2m -t 2 -R 500 -p 3 -n 7 -m PUT",
        "-c5 -d2m -t2 -R500 -p3 -n7 -mPUT http://h:1/p",
        "--concurrency=5 --duration=120 --threads=2 --rate=500 --pipeline-depth=3 --requests=7"
            + " --method=PUT -- http://h:1/p",
        "--connections 5 --duration 120s --threads 2 --rate 0.5k --pipeline-depth 3 --requests 7"
            + " --method PUT http://h:1/p",
    ])
    func `takes letters, long names and their values in every spelling`(line: String) throws {
        let options = try options(line)
        #expect(options.connectionCount == 5 && options.threadCount == 2)
        #expect(options.duration == 120_000_000_000)
        #expect(options.schedule == .constant(rate(500)))
        #expect(options.pipelineDepth == 3 && options.requestLimit == 7)
        #expect(options.mix.entries[0].method == "PUT")
        #expect(options.target.description == "http://h:1/p")
    }

    @Test func `takes everything else`() throws {
        let options = try options(
            "http://h/ --rate 10:100 -d 30s --deadline 50ms --warmup 1s --connect-ramp 500ms "
                + "--source 127.0.0.2,127.0.0.3 --reconnect-every 9 --connect-timeout 250ms "
                + "--seed 7 --expect-status 2xx,304 --expect-body ok --expect-length 2 "
                + "--max-error-rate 1% --slo p99=20ms,rps>=50 --slo max<1s --quiet --no-color "
                + "--json - --csv c --timeseries t --hgrm g --hdr-log l --html h --prom p "
                + "-H X-A:1 -H X-B:2 --data-file body.json --content-type application/json "
                + "--chunked")
        #expect(
            options.schedule
                == .ramp(from: rate(10), to: rate(100), nanoseconds: 30_000_000_000))
        #expect(options.deadline == 50_000_000 && options.warmUp == 1_000_000_000)
        #expect(options.connectRamp == 500_000_000 && options.connectTimeout == 250_000_000)
        #expect(options.sourceAddresses == ["127.0.0.2", "127.0.0.3"])
        #expect(options.reconnectEvery == 9 && options.seed == 7)
        #expect(options.expectedStatus.contains(304) && !options.expectedStatus.contains(301))
        #expect(options.expectedBody == Array("ok".utf8) && options.expectedLength == 2)
        #expect(options.limits.maximumErrorRate == 0.01)
        #expect(
            options.limits.serviceLevels.map(\.description) == [
                "p99 <= 20ms", "rps >= 50", "max <= 1s",
            ])
        #expect(options.output.isQuiet && options.output.isPlain && options.output.json == "-")
        #expect(options.headerFields.map(\.name) == ["X-A", "X-B"])
        #expect(options.mix.entries[0].method == "POST" && options.sendsChunked)
    }

    @Test func `a limit of requests without a duration has no limit of time`() throws {
        #expect(try options("-n 5").duration == nil)
        #expect(try options("-n 5 -d 1").duration == 1_000_000_000)
    }

    @Test func `reads a mix and think times`() throws {
        let options = try options("--mix mix.txt --think-time exp:5ms")
        #expect(options.mix.totalWeight == 4)
        #expect(options.mix.entries[1].body == Array("x y".utf8))
        #expect(options.thinkTime == .exponential(meanNanoseconds: 5_000_000))
        #expect(try self.constantThinkTime() == .constant(nanoseconds: 5_000_000))
    }

    private func constantThinkTime() throws -> ThinkTime {
        try options("--think-time 5ms").thinkTime
    }

    @Test(arguments: [
        ("-c 0", "-c '0': is out of range; give 1 to 1000000"),
        ("-c -5", "-c '-5': is out of range; give 1 to 1000000"),
        ("-c ten", "-c 'ten': is not a whole number; give 1 to 1000000"),
        ("-c", "-c: the value is missing; write -c N"),
        ("-d -q", "-d: the value is missing; write -d TIME"),
        ("-d 0", "-d '0': is no time at all; give a duration above zero, such as 10s"),
        (
            "-d -1s",
            "-d '-1s': is a negative duration; give seconds such as 10 or 10s, or 500ms, 2m, 1h"
        ),
        ("-d 5x", "-d '5x': is not a duration; give seconds such as 10 or 10s, or 500ms, 2m, 1h"),
        (
            "-R 0",
            "-R '0': a rate must be above zero; give requests per second, for example 20000 or 20k"
        ),
        ("-R 1:2:3", "-R '1:2:3': is not a rate; write 20000, or 100:20000"),
        (
            "-R 1:2 -n 5",
            "--rate '1:2': a ramp needs to know how long it is; add -d, for example -d 30s"
        ),
        ("--conections 5", "--conections: there is no such option; did you mean --connections?"),
        ("-z", "-z: there is no such option; loadgen --help lists them all"),
        ("--quiet=1", "--quiet '1': the option takes no value; write --quiet alone"),
        ("--path x", "--path 'x': a path begins with /; write /x"),
        (
            "https://h/",
            "URL 'https://h/': https is not supported yet: requests go out unencrypted; "
                + "use http://, or put a TLS terminator in front"
        ),
        (
            "http://a/ http://b/",
            "URL 'http://b/': is a second target; "
                + "give one; several requests to one server go into --mix"
        ),
        (
            "http://a/ --port 5",
            "--port '5': the URL says that already; "
                + "give the URL alone, or --host, --port and --path without it"
        ),
        (
            "--data-file nope",
            "--data-file: the file 'nope' cannot be read (No such file or directory); "
                + "check its name and its permissions"
        ),
        (
            "--mix nope",
            "--mix: the file 'nope' cannot be read (No such file or directory); "
                + "check its name and its permissions"
        ),
        (
            "--mix empty.txt",
            "--mix 'empty.txt': the file lists no request; "
                + "write lines of: weight method path [body] [expect]"
        ),
        (
            "--mix bad.txt",
            "--mix bad.txt line 2: the weight '0' is not a whole number above 0; "
                + "write: weight method path [body] [expect]"
        ),
        (
            "-H Content-Length:5",
            "-H 'Content-Length:5': Content-Length is set by loadgen itself; "
                + "leave it out: the length follows from --data"
        ),
        ("-H nonsense", "-H 'nonsense': has no colon; write -H 'Name: value'"),
        (
            "--slo p42=1ms",
            "--slo 'p42=1ms': 'p42' is not a metric that can be limited; "
                + "use p50 p75 p90 p95 p99 p99.9 p99.99 max mean or rps"
        ),
        ("--slo p99=20", "--slo 'p99=20': the limit has no unit; write p99=20ms"),
        ("--slo p99>=20ms", "--slo 'p99>=20ms': a latency has an upper limit; write p99<=20ms"),
        ("--slo rps<5", "--slo 'rps<5': a rate has a lower limit; write rps>=5"),
        ("--max-error-rate 2", "--max-error-rate '2': is more than everything; write 1% or 0.01"),
        (
            "-t 8 -c 4",
            "--threads: 8 threads have only 4 connections to share; use -t 4 or more connections"
        ),
        (
            "--json - --csv -",
            "-: several results cannot share standard output; write all but one to files"
        ),
        (
            "-R 5 --think-time 1s",
            "--think-time: an open loop sends by the clock and does not pause; "
                + "leave out --think-time or --rate"
        ),
        (
            "--deadline 1s",
            "--deadline: only an open loop has planned starts to be late for; add --rate"
        ),
        (
            "--no-keepalive -p 4",
            "--pipeline-depth: a connection for one request cannot hold several; "
                + "leave out --no-keepalive"
        ),
        ("--chunked", "--chunked: there is no body to send; add --data or --data-file"),
        (
            "--data a --data-file body.json",
            "--data-file 'body.json': --data gives a body already; leave one of the two out"
        ),
        (
            "--path /{rand:9-1}",
            "--path '/{rand:9-1}': has a {rand:…} that is not understood; "
                + "write {rand:1-1000}, the smaller number first"
        ),
        ("merge", "merge: there is nothing to add; write loadgen merge a.json b.json"),
        (
            "merge a -c 5",
            "-c: merge sends nothing, so this has no meaning; "
                + "leave it out; merge takes the options for results and limits"
        ),
    ])
    func `names the option, the value and the cure`(line: String, error: String) {
        #expect(message(line) == error)
    }

    @Test func `knows merge, help and version`() throws {
        var output = OutputOptions()
        output.json = "-"
        #expect(
            try invocation("merge a b --json -")
                == .merge(files: ["a", "b"], limits: ResultLimits(), output: output))
        #expect(try invocation("-c 5 --help") == .help)
        #expect(try invocation("--version") == .version)
    }

    @Test func `the help names every option within 80 columns`() {
        for option in OptionSpecification.all {
            for name in option.names { #expect(HelpText.text.contains(name)) }
        }
        for line in HelpText.text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    @Test func `chooses threads that leave the server room`() {
        #expect(Options.automaticThreadCount(coreCount: 1, connectionCount: 10) == 1)
        #expect(Options.automaticThreadCount(coreCount: 2, connectionCount: 10) == 1)
        #expect(Options.automaticThreadCount(coreCount: 16, connectionCount: 100) == 8)
        #expect(Options.automaticThreadCount(coreCount: 16, connectionCount: 3) == 3)
    }
}

@Suite struct QuantityTests {
    @Test(arguments: [("1%", 0.01), ("0.01", 0.01), ("0", 0), ("100%", 1), ("0.001%", 0.000_01)])
    func `reads shares`(text: String, share: Double) throws {
        #expect(try Quantity.share(text) == share)
    }

    @Test(arguments: [("1", 1_000), ("20k", 20_000_000), ("0.5", 500), ("1.234", 1_234)])
    func `reads rates`(text: String, thousandths: UInt64) throws {
        #expect(try Quantity.rate(text).perThousandSeconds == thousandths)
    }
}

@Suite struct TargetURLTests {
    @Test(arguments: [
        ("http://h", "h", 80, "/", "h"), ("http://h/", "h", 80, "/", "h"),
        ("HTTP://h:8080/a?b=c", "h", 8080, "/a?b=c", "h:8080"),
        ("http://h?x", "h", 80, "/?x", "h"), ("http://h:/", "h", 80, "/", "h"),
        ("http://[::1]:9/", "::1", 9, "/", "[::1]:9"),
        ("http://[fe80::1]/", "fe80::1", 80, "/", "[fe80::1]"),
        ("http://a.b-c_d/x#y", "a.b-c_d", 80, "/x", "a.b-c_d"),
        ("http://h/i/{seq}?r={rand:1-5}", "h", 80, "/i/{seq}?r={rand:1-5}", "h"),
    ])
    func `reads a URL`(text: String, host: String, port: Int, path: String, authority: String)
        throws
    {
        let url = try TargetURL.parse(text)
        #expect(url == TargetURL(host: host, port: port, path: path))
        #expect(url.authority == authority)
    }

    @Test(arguments: [
        "h:80/", "ftp://h/", "http://", "http:///x", "http://u@h/", "http://u:p@h/",
        "http://h:0/", "http://h:65536/", "http://h:x/", "http://h:+5/", "http://::1/",
        "http://[::1/", "http://[::1]x/", "http://[xyz]/", "http://h h/", "http://h/a b",
        "http://h/ä", "http://h!/",
    ])
    func `refuses what is no URL of ours`(text: String) {
        #expect(throws: ValueError.self) { try TargetURL.parse(text) }
    }
}

@Suite struct StatusSetTests {
    @Test func `holds codes, classes and ranges`() throws {
        let set = try StatusSet("2xx,304,500-502")
        for (code, isIn) in [
            (199, false), (200, true), (299, true), (300, false), (304, true), (499, false),
            (500, true), (502, true), (503, false), (-1, false), (640, false), (99_999, false),
        ] { #expect(set.contains(code) == isIn, "\(code)") }
        #expect(StatusSet.standard.contains(399) && !StatusSet.standard.contains(400))
    }

    @Test(arguments: ["", "2x", "6xx", "xx", "99", "600", "304-200", "200-", "200,,201", "abc"])
    func `refuses what is no status`(text: String) {
        #expect(throws: ValueError.self) { try StatusSet(text) }
    }
}

@Suite struct MixTests {
    private func mix(_ text: String) throws -> Mix {
        try Mix.parse(text, file: "f", readFile: testFiles)
    }

    @Test func `reads weights, bodies and expectations`() throws {
        let mix = try mix(
            """
            # a comment
            8 GET /items/{rand:1-99}

            1 POST /items "{\\"n\\": {seq}}\\n" 201   # with blanks
            1 PUT /items @body.json
            1 DELETE /items/{seq} - 2xx,404
            1 PATCH /x "-"
            """)
        #expect(mix.entries.map(\.weight) == [8, 1, 1, 1, 1])
        #expect(mix.entries[1].body == Array("{\"n\": {seq}}\n".utf8))
        #expect(mix.entries[1].expectedStatus?.contains(201) == true)
        #expect(mix.entries[2].body == Array("{\"n\":{seq}}".utf8))
        #expect(mix.entries[3].body.isEmpty)
        #expect(mix.entries[3].expectedStatus?.contains(404) == true)
        #expect(mix.entries[4].body == [UInt8(ascii: "-")])
    }

    @Test(arguments: [
        ("1 GET", "2 fields"), ("x GET /", "weight 'x'"), ("1 G@T /", "not a method"),
        ("1 GET a", "begins with /"), ("1 GET / \"open", "not closed"),
        ("1 GET / \"\\q\"", "unknown escape"), ("1 GET / @nope", "cannot be read"),
        ("1 GET / - 9xx", "not a status"), ("1 GET / a 200 more", "6 fields"),
        ("1 GET /{rand:x}", "not understood"), ("1 CONNECT /", "tunnel"),
    ])
    func `names the line and the fault`(line: String, fault: String) throws {
        let error = #expect(throws: OptionError.self) { try mix("1 GET /\n" + line) }
        #expect(error?.option == "--mix f line 2")
        #expect(error?.problem.contains(fault) == true, "\(error?.problem ?? "")")
    }

    @Test func `chooses by weight and the same for the same seed`() throws {
        let mix = try mix("7 GET /a\n2 GET /b\n1 GET /c")
        var generator = SeededGenerator(seed: 5)
        var counts = [0, 0, 0]
        var first: [Int] = []
        for step in 0..<10_000 {
            let entry = mix.next(using: &generator)
            counts[entry] += 1
            if step < 20 { first.append(entry) }
        }
        #expect(abs(counts[0] - 7_000) < 200 && abs(counts[1] - 2_000) < 200)
        generator = SeededGenerator(seed: 5)
        #expect(first == (0..<20).map { _ in mix.next(using: &generator) })
    }
}

@Suite struct TemplateTests {
    private func render(_ source: String, sequence: UInt64, seed: UInt64 = 1) throws -> String {
        let template = try Template(source)
        var generator = SeededGenerator(seed: seed)
        let draw = template.draw(sequence: sequence, using: &generator)
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: draw.byteCount) { template.render(draw, into: &$0) }
        #expect(bytes.count == draw.byteCount && draw.byteCount <= template.maximumByteCount)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", 5, ""), ("/plain", 5, "/plain"), ("{seq}", 0, "0"), ("/a/{seq}/b", 120, "/a/120/b"),
        ("{seq}{seq}", 10, "1010"), ("{\"a\":{}}", 1, "{\"a\":{}}"), ("{seq", 1, "{seq"),
        ("{{seq}}", 7, "{7}"), ("{rand:5-5}", 1, "5"), ("{SEQ}", 1, "{SEQ}"),
        ("{seq}", .max, "18446744073709551615"),
    ])
    func `fills in the sequence and keeps other braces`(
        source: String, sequence: UInt64, text: String
    ) throws {
        #expect(try render(source, sequence: sequence) == text)
    }

    @Test func `draws numbers from the whole range and no other`() throws {
        var seen: Set<String> = []
        for seed in 0..<200 as Range<UInt64> {
            seen.insert(try render("{rand:8-12}", sequence: 0, seed: seed))
        }
        #expect(seen == ["8", "9", "10", "11", "12"])
    }

    @Test(arguments: [
        "{rand:}", "{rand:5}", "{rand:5-}", "{rand:a-b}", "{rand:9-1}", "{rand:1-2",
        "{rand:0-18446744073709551615}", "{seq}{seq}{seq}{seq}{seq}{seq}{seq}{seq}{seq}",
    ])
    func `refuses what cannot be filled in`(source: String) {
        #expect(throws: ValueError.self) { try Template(source) }
    }

    @Test func `knows when it is constant`() throws {
        #expect(try Template("/x").isConstant)
        #expect(try !Template("/{seq}").isConstant)
    }
}

@Suite struct RequestTemplateTests {
    private func request(_ line: [String], sequence: UInt64 = 0) throws -> String {
        guard case .run(let options) = try OptionParser(readFile: testFiles).parse(line) else {
            return ""
        }
        let template = try RequestTemplate(options.mix.entries[0], options: options)
        var generator = SeededGenerator(seed: 1)
        let draw = template.draw(sequence: sequence, using: &generator)
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: draw.headByteCount) { template.renderHead(draw, into: &$0) }
        #expect(bytes.count == draw.headByteCount)
        bytes.append(addingCapacity: draw.bodyByteCount) { template.renderBody(draw, into: &$0) }
        #expect(bytes.count == draw.headByteCount + draw.bodyByteCount)
        #expect(bytes.count <= template.maximumByteCount)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (["http://h:1/a"], "GET /a HTTP/1.1\r\nHost: h:1\r\n\r\n"),
        (
            ["http://h/", "--no-keepalive"],
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        ),
        (["http://h/", "-H", "hOST: x"], "GET / HTTP/1.1\r\nhOST: x\r\n\r\n"),
        (
            ["http://h/", "--data", "ab{seq}"],
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab123"
        ),
        (
            ["http://h/{seq}", "-m", "PUT", "--data", ""],
            "PUT /123 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            ["http://h/", "--data", "0123456789abcdef0", "--chunked", "--content-type", "a/b"],
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "11\r\n0123456789abcdef0\r\n0\r\n\r\n"
        ),
        (
            ["http://h/", "--data", "x", "--expect-100", "-H", "A: b"],
            "POST / HTTP/1.1\r\nHost: h\r\nA: b\r\nExpect: 100-continue\r\n"
                + "Content-Length: 1\r\n\r\nx"
        ),
    ])
    func `puts a request on the wire`(line: [String], wire: String) throws {
        #expect(try request(line, sequence: 123) == wire)
    }
}
