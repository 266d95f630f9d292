import HTTP1
import TestSupport
import Testing

/// `multipart/form-data` (RFC 7578, RFC 2046 §5.1): wire in, events out, however it is split.
@Suite struct MultipartParserTests {
    /// Each bar of `wire` stands for a line's end. The boundary is `b`.
    struct Body: CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var events: String

        init(_ name: String, _ wire: String, _ events: String) {
            self.name = name
            bytes = Array(wire.replacing("|", with: "\r\n").utf8)
            self.events = events
        }

        var testDescription: String { name }
    }

    private static let field = "Content-Disposition: form-data; name="

    static let bodies: [Body] = [
        Body("one field", "--b|\(field)a||x|--b--|", "part a\nbody x\nended\nend"),
        Body("a line's end before", "|--b|\(field)a||x|--b--", "part a\nbody x\nended\nend"),
        Body(
            "two fields", "--b|\(field)a||1|--b|\(field)\"c d\"||2|--b--|",
            "part a\nbody 1\nended\npart c d\nbody 2\nended\nend"),
        Body(
            "a file", "--b|\(field)f; filename=\"a.txt\"|Content-Type: text/plain||x|--b--|",
            "part f file a.txt type text/plain\nbody x\nended\nend"),
        Body("no data", "--b|\(field)a|||--b--|", "part a\nended\nend"),
        Body("no empty line", "--b|\(field)a||--b--|", "part a\nended\nend"),
        Body("no parts", "--b--|", "end"),
        Body("nothing but the boundary's beginning", "--b", "more"),
        Body(
            "blanks behind boundaries", "--b \t|\(field)a||x|--b  |\(field)c||y|--b--  |",
            "part a\nbody x\nended\npart c\nbody y\nended\nend"),
        Body(
            "preamble and epilogue", "This is ignored.|-|--|--x|--b|\(field)a||x|--b--|so is --b|",
            "part a\nbody x\nended\nend"),
        Body(
            "beginnings of delimiters are data",
            "--b|\(field)a||--|-|--|--x||\r\r|--b--|",
            "part a\nbody --\\x0d\\x0a-\\x0d\\x0a--\\x0d\\x0a--x\\x0d\\x0a\\x0d\\x0a\\x0d\\x0d"
                + "\nended\nend"),
        Body(
            "line ends are data", "--b|\(field)a||||x|||--b--|",
            "part a\nbody \\x0d\\x0a\\x0d\\x0ax\\x0d\\x0a\\x0d\\x0a\nended\nend"),
        Body(
            "bare line feeds are data", "--b|\(field)a||\n--b\n|--b--|",
            "part a\nbody \\x0a--b\\x0a\nended\nend"),
        Body(
            "names have no case", "--b|CONTENT-disposition: Form-Data; NAME=a||x|--b--|",
            "part a\nbody x\nended\nend"),
        Body(
            "quoted names", "--b|\(field)\"a\\\"b\\\\c;=d\"; filename=\"C:\\x\\y.txt\"||x|--b--|",
            "part a\"b\\c;=d file C:\\x\\y.txt\nbody x\nended\nend"),
        Body(
            "what browsers write for quotation marks", "--b|\(field)\"a%22b\"||x|--b--|",
            "part a%22b\nbody x\nended\nend"),
        Body(
            "names in UTF-8", "--b|\(field)\"grün\"; filename=\"\"||x|--b--|",
            "part grün file \nbody x\nended\nend"),
        Body(
            "paths are only text", "--b|\(field)f; filename=\"../../etc/passwd\"||x|--b--|",
            "part f file ../../etc/passwd\nbody x\nended\nend"),
        Body(
            "other fields", "--b|X-Other: 1|\(field)a;foo=\"bar\" ;|Empty:||x|--b--|",
            "part a\nbody x\nended\nend"),
        Body("a body that breaks off", "--b|\(field)a||x|--b", "part a\nbody x\nended\nmore"),
        Body("a header that breaks off", "--b|\(field)a|", "more"),
        Body("data that break off", "--b|\(field)a||x|--", "part a\nbody x\nmore"),
        Body("one dash", "--b-|", "error invalidDelimiter"),
        Body("a longer boundary", "--bc|\(field)a||x|--b--|", "error invalidDelimiter"),
        Body(
            "a bare line feed behind a boundary", "--b\n\(field)a||x|--b--|",
            "error invalidDelimiter"),
        Body("a blank before the dashes", "--b --|", "error invalidDelimiter"),
        Body("no name", "--b|Content-Disposition: form-data||x|--b--|", "error missingName"),
        Body("no disposition", "--b|Content-Type: text/plain||x|--b--|", "error missingName"),
        Body("no header", "--b|||x|--b--|", "error missingName"),
        Body(
            "another disposition", "--b|Content-Disposition: file; name=a||x|--b--|",
            "error invalidHeader"),
        Body("two dispositions", "--b|\(field)a|\(field)a||x|--b--|", "error invalidHeader"),
        Body("two names", "--b|\(field)a; name=b||x|--b--|", "error invalidHeader"),
        Body(
            "two names of files", "--b|\(field)a; filename=a; filename=b||x|--b--|",
            "error invalidHeader"),
        Body("a folded line", "--b|\(field)a;| filename=b||x|--b--|", "error invalidHeader"),
        Body(
            "a bare line feed in a header", "--b|X: 1\n\(field)a||x|--b--|",
            "error invalidHeader"),
        Body("a blank before the colon", "--b|X : 1|\(field)a||x|--b--|", "error invalidHeader"),
        Body(
            "a control byte in a header", "--b|\(field)\"a\u{0}\"||x|--b--|",
            "error invalidHeader"),
        Body("an open quotation mark", "--b|\(field)\"a||x|--b--|", "error invalidHeader"),
        Body(
            "something behind a quotation mark", "--b|\(field)\"a\"b||x|--b--|",
            "error invalidHeader"),
        Body(
            "an encoded name of a file", "--b|\(field)a; filename*=UTF-8''a||x|--b--|",
            "error extendedParameter"),
    ]

    @Test(arguments: bodies)
    func `a body gives the same events however it is split`(body: Body) {
        for feed in Feed.all(for: body.bytes.count) {
            #expect(Self.events(of: body.bytes, feed) == body.events, "\(feed)")
        }
    }

    @Test(arguments: [
        ("", false), ("b", true), (String(repeating: "b", count: 70), true),
        (String(repeating: "b", count: 71), false), ("a b", true), ("a ", false), ("a\"", false),
        ("'()+_,-./:=?09azAZ", true), ("a\r\n", false), ("a;b", false), ("ü", false),
    ])
    func `a boundary is 1 to 70 characters of a small set`(boundary: String, isValid: Bool) {
        let parser = MultipartParser(boundary: boundary.utf8.span)
        #expect((parser != nil) == isValid)
    }

    @Test func `every limit is held to its byte`() throws {
        let wire = "--b|\(Self.field)abc; filename=defg||12345|--b|\(Self.field)x||y|--b--"
        let body = Body("", wire, "")
        let headerBytes = "\(Self.field)abc; filename=defg\r\n\r\n".utf8.count
        let limits: [(WritableKeyPath<MultipartParser.Limits, Int>, Int, MultipartError)] = [
            (\.maxPartCount, 2, .tooManyParts), (\.maxPartBytes, 5, .partTooLarge),
            (\.maxHeaderBytes, headerBytes, .headerTooLarge), (\.maxNameBytes, 3, .nameTooLong),
            (\.maxFileNameBytes, 4, .nameTooLong),
        ]
        for (limit, value, error) in limits {
            for feed in Feed.all(for: body.bytes.count) {
                var settings = MultipartParser.Limits()
                settings[keyPath: limit] = value
                #expect(Self.events(of: body.bytes, feed, settings).hasSuffix("end"))
                settings[keyPath: limit] = value - 1
                #expect(Self.events(of: body.bytes, feed, settings).hasSuffix("error \(error)"))
            }
        }
        #expect(MultipartError.allCases.allSatisfy { !$0.reason.isEmpty })
    }

    /// Data that are made of pieces of delimiters, in bodies that are made by the rules.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `what was put in comes out`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "\r", "\n", "\r\n", "-", "--", "--b", "b", "\r\n--", "\r\n-", "x", "\0", "\r\r\n",
        ]
        for _ in 0..<150 {
            var wire = ""
            var parts: [String] = []
            for index in 0..<Int.random(in: 0...3, using: &random) {
                var data = ""
                repeat {
                    data = ""
                    for _ in 0..<Int.random(in: 0...12, using: &random) {
                        data += pieces.randomElement(using: &random)!
                    }
                    // The boundary is chosen so that it does not occur.
                } while "\r\n\(data)\r\n".utf8Contains("\r\n--bound")
                wire += "--bound\r\n\(Self.field)n\(index)\r\n\r\n\(data)\r\n"
                parts.append(data)
            }
            let bytes = Array((wire + "--bound--").utf8)
            let split = Int.random(in: 0...bytes.count, using: &random)
            for feed in [Feed.whole, .byteByByte, .split(split)] {
                #expect(Self.data(of: bytes, feed) == parts, "seed \(seed), \(feed)")
            }
        }
    }

    @Test(arguments: [5, 6, 7] as [UInt64])
    func `a body with bytes changed never does harm, however it is split`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var bytes = Self.bodies.randomElement(using: &random)!.bytes
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] =
                    [0x0D, 0x0A, 0x2D, 0x62, 0x22, 0x3B, 0x00, 0xFF].randomElement(using: &random)!
            }
            let whole = Self.events(of: bytes, .whole)
            #expect(Self.events(of: bytes, .byteByByte) == whole, "seed \(seed)")
            let split = Int.random(in: 0...bytes.count, using: &random)
            #expect(Self.events(of: bytes, .split(split)) == whole, "seed \(seed)")
        }
    }

    private static func events(
        of bytes: [UInt8], _ feed: Feed,
        _ limits: MultipartParser.Limits = MultipartParser.Limits()
    ) -> String {
        var log = EventLog()
        var parser = MultipartParser(boundary: "b".utf8.span, limits: limits)!
        var last = MultipartEvent.needMore
        do throws(MultipartError) {
            try run(&parser, bytes, feed) { (event, data, part) in
                last = event
                switch event {
                case .partBegan:
                    log.append(
                        "part \(part.name)" + (part.fileName.map { " file \($0)" } ?? "")
                            + (part.contentType.map { " type \($0)" } ?? ""))
                case .data, .heldData: log.appendBody(data.span)
                case .partEnded: log.append("ended")
                case .needMore, .end: break
                }
            }
            log.append(last == .end ? "end" : "more")
        } catch {
            // How much of the data comes before the fault hangs on how they are split.
            log.append("error \(error)")
        }
        return log.finished()
    }

    private static func data(of bytes: [UInt8], _ feed: Feed) -> [String]? {
        var parser = MultipartParser(boundary: "bound".utf8.span)!
        var parts: [String] = []
        var current: [UInt8] = []
        do throws(MultipartError) {
            try run(&parser, bytes, feed) { (event, data, _) in
                current += data
                if event == .partBegan { current = [] }
                if event == .partEnded { parts.append(String(decoding: current, as: UTF8.self)) }
            }
        } catch {
            return nil
        }
        return parser.isComplete ? parts : nil
    }

    /// Feeds the bytes piece by piece, each before a guard page.
    private static func run(
        _ parser: inout MultipartParser, _ bytes: [UInt8], _ feed: Feed,
        _ event: (MultipartEvent, [UInt8], MultipartPart) -> Void
    ) throws(MultipartError) {
        var page = GuardPage(capacity: bytes.count)
        var start = 0
        for end in feed.arrivals(of: bytes.count) {
            page.place(bytes[start..<end])
            start = end
            var offset = 0
            while true {
                let found = try parser.next(in: page.span, at: &offset)
                var data: [UInt8] = []
                switch found {
                case .data(let start, let count):
                    for index in start..<start + count { data.append(page.span[index]) }
                case .heldData(let start, let count):
                    data = Array(parser.delimiter[start..<start + count])
                case .partBegan, .partEnded, .needMore, .end: break
                }
                event(found, data, parser.part)
                if found == .needMore || found == .end { break }
            }
        }
    }
}

extension String {
    fileprivate func utf8Contains(_ other: String) -> Bool {
        Array(utf8).firstRange(of: Array(other.utf8)) != nil
    }
}
