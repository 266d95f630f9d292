import Sluice
import Syscalls
import TestSupport
import Testing

/// Forms of several parts, read while they come.
@Suite(.timeLimit(.minutes(1))) struct MultipartStreamTests {
    private static let wire = body(
        "preamble|" + part("title") + "Tea|" + part("empty") + "|"
            + part("file", "; filename=\"../t.txt\"|Content-Type: text/x;charset=utf-8")
            + "x||--b xb|y|--b|" + "|--b b--|epilogue|--b b|")

    private static let expected = [
        "title nil nil Tea", "empty nil nil ",
        "file ../t.txt text/x x\r\n\r\n--b xb\r\ny\r\n--b\r\n",
    ]

    @Test(arguments: [1, 2, 3, 5, 7, 16, 64, 1_000])
    func `parts come in order, in pieces of any size`(size: Int) async throws {
        #expect(try await Self.read(Pieces(of: Self.wire, size: size)) == Self.expected)
    }

    @Test func `parts are the same wherever the body is split`() async throws {
        for index in Self.wire.indices {
            let pieces = Pieces([Array(Self.wire[..<index]), [], Array(Self.wire[index...])])
            #expect(try await Self.read(pieces) == Self.expected, "split at \(index)")
        }
    }

    @Test func `what is not read is passed over`() async throws {
        var form = try MultipartStream(Pieces(of: Self.wire, size: 1), boundary: "b b")
        #expect(try await form.nextChunk() == nil)
        #expect(try await form.next()?.name == "title")
        #expect(try await form.nextChunk() == Array("T".utf8))
        #expect(try await form.next()?.name == "empty")
        #expect(try await form.next()?.name == "file")
        #expect(try await form.next() == nil)
        #expect(try await form.next() == nil)
        #expect(try await form.nextChunk() == nil)
    }

    @Test func `a part that is too large for a call leaves the others readable`() async throws {
        let wire = Self.body(Self.part("one") + "12345|" + Self.part("two") + "12|--b b--")
        var form = try MultipartStream(Pieces(of: wire, size: 2), boundary: "b b")
        #expect(try await form.next()?.name == "one")
        let error = await #expect(throws: HTTPError.self) { try await form.collect(upTo: 4) }
        #expect(describe(error) == "413 part_too_large one ")
        #expect(try await form.next()?.name == "two")
        #expect(try await form.collect(upTo: 2) == Array("12".utf8))
        #expect(try await form.next() == nil)
    }

    @Test func `text is UTF-8`() async throws {
        let wire =
            Self.body(Self.part("one")) + [0xC3, 0xA4] + Self.body("|" + Self.part("two"))
            + [0xC3] + Self.body("|--b b--")
        var form = try MultipartStream(Pieces(of: wire, size: 1), boundary: "b b")
        _ = try await form.next()
        #expect(try await form.collectText(upTo: 2) == "ä")
        _ = try await form.next()
        let error = await #expect(throws: HTTPError.self) { try await form.collectText(upTo: 2) }
        #expect(describe(error) == "400 invalid_text two ")
    }

    @Test func `limits are those of a form that is there as a whole`() async throws {
        let wire = Self.body(
            Self.part("one", "; filename=\"name\"") + "12345|" + Self.part("two") + "1|--b b--")
        let cases: [(WritableKeyPath<MultipartLimits, Int>, Int, String)] = [
            (\.maxPartCount, 1, "413 too_many_parts one "),
            (\.maxPartBytes, 4, "413 part_too_large one "),
            (\.maxNameBytes, 2, "413 part_name_too_long - "),
            (\.maxFileNameBytes, 3, "413 part_name_too_long - "),
            (\.maxHeaderBytes, 20, "413 part_header_too_large - "),
        ]
        for (limit, value, expected) in cases {
            var limits = MultipartLimits()
            limits[keyPath: limit] = value
            #expect(await Self.failure(Pieces(of: wire, size: 3), limits) == expected)
        }
        #expect(await Self.failure(Pieces(of: wire, size: 3)) == "nil")
    }

    @Test(arguments: ["", "--b b", "--b b|", "--b b--x", "--b b|x||", "--b bx"])
    func `what is no such form is refused, and stays so`(wire: String) async throws {
        var form = try MultipartStream(Pieces(of: Self.body(wire), size: 2), boundary: "b b")
        // Behind the closing delimiter stands what nobody reads.
        let expected = wire == "--b b--x" ? "nil" : "400 invalid_multipart - "
        for _ in 0..<3 {
            var found = "nil"
            do {
                while try await form.next() != nil {}
            } catch {
                found = describing { throw error }
            }
            #expect(found == expected)
        }
    }

    @Test func `an error of the body is passed on, in a part and behind the form`() async {
        for count in [40, 60, Self.wire.count] {
            let pieces = Pieces([Array(Self.wire[..<count])], failure: Broken())
            #expect(await Self.failure(pieces) == "Broken()", "after \(count) bytes")
        }
    }

    @Test func `a large part passes through in the pieces in which it comes`() async throws {
        let piece = [UInt8](repeating: 0x0D, count: 65_536)
        let head = Self.body(Self.part("file", "; filename=\"a\""))
        let pieces = [head] + Array(repeating: piece, count: 64) + [Self.body("|--b b--|")]
        var form = try MultipartStream(Pieces(pieces), boundary: "b b")
        _ = try await form.next()
        var byteCount = 0
        while let chunk = try await form.nextChunk() {
            #expect(chunk.count <= piece.count)
            byteCount += chunk.count
        }
        #expect(byteCount == 64 * piece.count)
        #expect(try await form.next() == nil)
    }

    @Test func `a part is written to a file, and a broken one is not`() async throws {
        let folder = try TemporaryFolder()
        let pool = OffloadPool(threads: 1, queue: 1)
        let uploads = try UploadFolder(folder.path, pool: pool)
        var form = try MultipartStream(Pieces(of: Self.wire, size: 4), boundary: "b b")
        while let part = try await form.next() {
            let byteCount = try await form.save(to: uploads, as: part.name + ".txt")
            #expect(text(folder.path, part.name + ".txt")?.utf8.count == byteCount)
        }
        #expect(names(folder.path) == ["empty.txt", "file.txt", "title.txt"])
        #expect(text(folder.path, "title.txt") == "Tea")

        let half = Pieces(of: Array(Self.wire.dropLast(40)), size: 4)
        var broken = try MultipartStream(half, boundary: "b b")
        _ = try await broken.next()
        _ = try await broken.next()
        _ = try await broken.next()
        await #expect(throws: HTTPError.self) { try await broken.save(to: uploads, as: "broken") }
        try await pool.run {}
        #expect(names(folder.path) == ["empty.txt", "file.txt", "title.txt"])
    }

    @Test(arguments: [
        ("text/plain", "415 unsupported_media_type - Accept: multipart/form-data"),
        ("multipart/form-data", "400 invalid_multipart - "),
        ("multipart/form-data; boundary=\"a*\"", "400 invalid_multipart - "),
        ("multipart/form-data; boundary=b", "a form"),
    ])
    func `the type must be that of a form and name a boundary`(
        type: String, expected: String
    ) throws {
        let response = try answer("POST", fields: ["Content-Type: \(type)"]) { request, response in
            var found = "a form"
            do throws(HTTPError) {
                _ = try MultipartStream(Pieces([]), of: request)
            } catch {
                found = describing { throw error }
            }
            response.send(found)
        }
        #expect(response.text == expected)
    }

    private func describe(_ error: HTTPError?) -> String {
        describing { throw error ?? HTTPError(.internalServerError) }
    }

    private static func body(_ wire: String) -> [UInt8] {
        Array(wire.replacing("|", with: "\r\n").utf8)
    }

    private static func part(_ name: String, _ more: String = "") -> String {
        "--b b|Content-Disposition: form-data; name=\"\(name)\"\(more)||"
    }

    private static func read(_ pieces: Pieces) async throws -> [String] {
        var form = try MultipartStream(pieces, boundary: "b b")
        var parts: [String] = []
        while let part = try await form.next() {
            let data = try await form.collectText(upTo: 1_000)
            let type = part.contentType?.essence ?? "nil"
            parts.append("\(part.name) \(part.fileName ?? "nil") \(type) \(data)")
        }
        return parts
    }

    private static func failure(
        _ pieces: Pieces, _ limits: MultipartLimits = MultipartLimits()
    ) async -> String {
        do {
            var form = try MultipartStream(pieces, boundary: "b b", limits: limits)
            while try await form.next() != nil {}
            return "nil"
        } catch {
            return describing { throw error }
        }
    }
}

private struct Broken: Error {}

/// A body in pieces, and perhaps an error at its end.
private struct Pieces: AsyncSequence {
    let pieces: [[UInt8]]
    let failure: Broken?

    init(_ pieces: [[UInt8]], failure: Broken? = nil) {
        self.pieces = pieces
        self.failure = failure
    }

    init(of bytes: [UInt8], size: Int) {
        let starts = stride(from: 0, to: bytes.count, by: size)
        self.init(starts.map { Array(bytes[$0...].prefix(size)) })
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<[UInt8]>
        let failure: Broken?

        mutating func next() async throws -> [UInt8]? {
            if rest.isEmpty, let failure { throw failure }
            return rest.popFirst()
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(rest: pieces[...], failure: failure)
    }
}
