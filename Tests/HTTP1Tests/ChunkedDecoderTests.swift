import Testing

@testable import HTTP1

@Suite struct ChunkedDecoderTests {
    /// Decodes `wire`, of which each piece that arrives is seen once, and ends at a guard page.
    private func events(_ wire: [UInt8], _ feed: Feed) -> String {
        var decoder = ChunkedDecoder()
        var log = EventLog()
        var input = GuardPage(capacity: wire.count)
        var seen = 0
        feeding: for arrived in feed.arrivals(of: wire.count) {
            input.place(wire[seen..<arrived])
            var offset = 0
            reading: while true {
                do throws(ParseError) {
                    switch try decoder.decode(input.span, from: offset) {
                    case .data(let start, let count):
                        #expect(start >= offset && count > 0)
                        log.appendBody(input.span.extracting(start..<start + count))
                        offset = start + count
                    case .needMore:
                        #expect(!decoder.isComplete)
                        break reading
                    case .end(let nextOffset):
                        #expect(decoder.isComplete)
                        log.append("end at \(seen + nextOffset)")
                        break feeding
                    }
                } catch {
                    log.append(ParseError(error.kind, at: seen + error.offset))
                    break feeding
                }
            }
            seen = arrived
        }
        return log.finished()
    }

    private func expect(
        _ wire: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let bytes = Array(wire.utf8)
        for feed in Feed.all(for: bytes.count) {
            let found = events(bytes, feed)
            #expect(found == expected, "\(feed)", sourceLocation: sourceLocation)
            if found != expected { return }
        }
    }

    static let bodies: [Transcript] = [
        .init("0\r\n\r\n", "end at 5"),
        .init("000\r\n\r\nGET", "end at 7"),
        .init("5\r\nhello\r\n0\r\n\r\n", "body hello\nend at 15"),
        .init("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "body abc\nend at 18"),
        .init("a\r\n0123456789\r\n0\r\n\r\n", "body 0123456789\nend at 20"),
        .init("0000000000000001\r\na\r\n0\r\n\r\n", "body a\nend at 26"),
        .init("4\r\n\r\n\r\n\r\n0\r\n\r\n", "body \\x0d\\x0a\\x0d\\x0a\nend at 14"),
        .init("1;a\r\nx\r\n1;a=b;c=\"d;e\"\r\ny\r\n0;z\r\n\r\n", "body xy\nend at 33"),
        .init("1;a=\t \u{80}\r\nx\r\n0\r\n\r\n", "body x\nend at 18"),
        .init("0\r\nA: b\r\n\r\n", "end at 11"),
        .init("0\r\nA:\r\nContent-Length: 5\r\n!#$: \t\u{80} \r\n\r\n", "end at 39"),
        .init("5\r\nhel", "body hel"),
        .init("5\r\nhello", "body hello"),
        .init("0\r\n", ""),
    ]

    @Test(arguments: bodies)
    func `decodes the same body however it arrives`(_ body: Transcript) {
        expect(body.wire, body.events)
    }

    static let faults: [Fault] = [
        .init("\r\n", .invalidChunkSize, at: 0),
        .init("\n", .bareLineFeed, at: 0),
        .init(";a\r\n", .invalidChunkSize, at: 0),
        .init("+1\r\n", .invalidChunkSize, at: 0),
        .init("-1\r\n", .invalidChunkSize, at: 0),
        .init(" 1\r\n", .invalidChunkSize, at: 0),
        .init("g\r\n", .invalidChunkSize, at: 0),
        .init("0x1\r\n", .invalidChunkSize, at: 1),
        .init("1 \r\n", .invalidChunkSize, at: 1),
        .init("1 ;a\r\n", .invalidChunkSize, at: 1),
        .init("1\t\r\n", .invalidChunkSize, at: 1),
        .init("1,2\r\n", .invalidChunkSize, at: 1),
        .init("1\n", .bareLineFeed, at: 1),
        .init("1\ra", .bareCarriageReturn, at: 1),
        .init("1\r\r\n", .bareCarriageReturn, at: 1),
        .init("1;\r\n", .invalidChunkExtension, at: 2),
        .init("1; a\r\n", .invalidChunkExtension, at: 2),
        .init("1;=a\r\n", .invalidChunkExtension, at: 2),
        .init("1;a\n", .bareLineFeed, at: 3),
        .init("1;a\u{0}\r\n", .invalidChunkExtension, at: 3),
        .init("1;a\r;\n", .bareCarriageReturn, at: 3),
        .init("1\r\nab", .missingChunkEnd, at: 4),
        .init("1\r\na\n", .missingChunkEnd, at: 4),
        .init("1\r\na\ra", .missingChunkEnd, at: 5),
        .init("1\r\na0\r\n\r\n", .missingChunkEnd, at: 4),
        .init("7FFFFFFFFFFFFFFFF\r\n", .chunkSizeTooLarge, at: 16),
        .init("8000000000000000\r\n", .chunkSizeTooLarge, at: 15),
        .init("FFFFFFFFFFFFFFFF\r\n", .chunkSizeTooLarge, at: 15),
        .init("00000000000000000\r\n", .chunkSizeTooLarge, at: 16),
        .init("0\r\n\n", .bareLineFeed, at: 3),
        .init("0\r\n\ra", .bareCarriageReturn, at: 3),
        .init("0\r\n A: b\r\n", .obsoleteLineFolding, at: 3),
        .init("0\r\nA: b\r\n c\r\n", .obsoleteLineFolding, at: 9),
        .init("0\r\n: b\r\n", .emptyFieldName, at: 3),
        .init("0\r\nA : b\r\n", .spaceBeforeColon, at: 4),
        .init("0\r\nA\r\n", .invalidFieldName, at: 4),
        .init("0\r\n@: b\r\n", .invalidFieldName, at: 3),
        .init("0\r\nA: b\n", .bareLineFeed, at: 7),
        .init("0\r\nA: b\u{0}\r\n", .controlByteInValue, at: 7),
        .init("0\r\nA: b\rc", .bareCarriageReturn, at: 7),
    ]

    @Test(arguments: faults)
    func `refuses a fault where it is`(_ fault: Fault) {
        let whole = events(Array(fault.wire.utf8), .whole)
        let last = whole.split(separator: "\n").last ?? ""
        #expect(last == "error \(fault.kind.status) \(fault.kind) at \(fault.offset)")
        expect(fault.wire, whole)
    }

    @Test func `the largest size is a size`() throws {
        let wire = Array("7FFFFFFFFFFFFFFF\r\nx".utf8)
        var decoder = ChunkedDecoder()
        #expect(try decoder.decode(wire.span, from: 0) == .data(start: 18, count: 1))
        #expect(decoder.pendingDataCount == Int.max - 1)
        #expect(try decoder.decode(wire.span, from: 19) == .needMore)
    }

    @Test func `pending data are known before they come`() throws {
        let wire = Array("ff\r\n".utf8)
        var decoder = ChunkedDecoder()
        #expect(decoder.pendingDataCount == 0)
        #expect(try decoder.decode(wire.span, from: 0) == .needMore)
        #expect(decoder.pendingDataCount == 255)
    }

    @Test func `all 256 bytes behind the size`() {
        for byte in UInt8.min...UInt8.max {
            let wire = [0x30, byte, 0x0D, 0x0A, 0x0D, 0x0A]
            let isFine =
                byte.hexadecimalValue != nil ? byte == 0x30 : false
            let found = events(wire, .whole)
            if isFine {
                #expect(found == "end at 6")
            } else if byte.hexadecimalValue != nil {
                #expect(found.hasPrefix("body"))
            } else {
                #expect(found.hasPrefix("error 400"))
            }
        }
    }

    @Test func `extensions are limited over the whole body`() {
        // Two chunks with 2,048 bytes of extension each are at the limit.
        let name = String(repeating: "x", count: 2047)
        let fitting = "1;\(name)\r\na\r\n1;\(name)\r\nb\r\n0\r\n\r\n"
        let beyond = "1;\(name)\r\na\r\n1;\(name)\r\nb\r\n0;c\r\n\r\n"
        let end = fitting.utf8.count
        for feed in [Feed.whole, .byteByByte, .split(2049), .split(4000)] {
            #expect(events(Array(fitting.utf8), feed) == "body ab\nend at \(end)")
            #expect(
                events(Array(beyond.utf8), feed)
                    == "body ab\nerror 400 chunkExtensionsTooLong at \(end - 4)")
        }
    }

    @Test func `the trailer section is limited in bytes and in lines`() {
        let line = "A: " + String(repeating: "x", count: 1019) + "\r\n"
        let fitting = "0\r\n" + String(repeating: line, count: 8) + "\r\n"
        let beyond = "0\r\n" + String(repeating: line, count: 8) + "B:\r\n\r\n"
        let many = "0\r\n" + String(repeating: "A:\r\n", count: 128) + "\r\n"
        let tooMany = "0\r\n" + String(repeating: "A:\r\n", count: 129) + "\r\n"
        for feed in [Feed.whole, .byteByByte, .split(1000)] {
            #expect(events(Array(fitting.utf8), feed) == "end at \(fitting.utf8.count)")
            #expect(
                events(Array(beyond.utf8), feed)
                    == "error 400 trailerSectionTooLarge at \(3 + 8192)")
            #expect(events(Array(many.utf8), feed) == "end at \(many.utf8.count)")
            #expect(
                events(Array(tooMany.utf8), feed)
                    == "error 400 trailerSectionTooLarge at \(3 + 128 * 4)")
        }
    }

    @Test func `what the encoder writes is decoded`() {
        for size in [1, 9, 10, 15, 16, 17, 255, 256, 4095, 4096, 65_535, 65_536] {
            var line = [18 of UInt8](repeating: 0)
            let count = ChunkedEncoding.writeSizeLine(size, into: &line)
            var wire = (0..<count).map { line[$0] }
            #expect(wire == Array(String(size, radix: 16).utf8) + [13, 10])
            wire += Array(repeating: 0x78, count: size) + [13, 10]
            wire += Array("\(ChunkedEncoding.lastChunk)".utf8)
            let body = String(repeating: "x", count: size)
            #expect(events(wire, .whole) == "body \(body)\nend at \(wire.count)")
        }
        var line = [18 of UInt8](repeating: 0)
        #expect(ChunkedEncoding.writeSizeLine(.max, into: &line) == 18)
        #expect(text(line.span) == "7fffffffffffffff\\x0d\\x0a")
    }
}
