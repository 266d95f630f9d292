import TestSupport
import Testing

/// The floor's modes, byte by byte and against the client that measures with them.
@Suite struct FloorModeTests {
    /// The floor on a port of the kernel's choice, until it is let go of.
    private struct FloorProcess {
        let process: ChildProcess
        let url: String
        let port: Int

        init(_ arguments: String...) throws {
            process = try ChildProcess(
                SluiceProcess.path(of: "floor"), ["--port", "0"] + arguments)
            let line = try process.outputLines(1).first ?? ""
            guard let port = line.split(separator: ":").last.flatMap({ Int($0) }) else {
                throw ClientFailure("the floor does not listen: \(line)")
            }
            self.port = port
            url = "http://127.0.0.1:\(port)/"
        }
    }

    private func streaming(_ arguments: [String]) throws -> ChildProcess.Finished {
        try ChildProcess(SluiceProcess.path(of: "streaming"), arguments).wait()
    }

    // MARK: - Answer

    @Test(arguments: [[], ["--mode", "answer"]])
    func `unasked it answers every head with the same reply`(arguments: [String]) throws {
        let floor =
            arguments.isEmpty ? try FloorProcess() : try FloorProcess("--mode", "answer")
        let client = try RawClient(port: floor.port)
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        for answer in try client.responses(2) { #expect(answer.text == "Hello, World!") }
        try client.sendByteByByte("GET / HTTP/1.1\r\n\r\n")
        #expect(try client.response().status == 200)
    }

    // MARK: - Sink

    static let uploads = [
        "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nCONTENT-LENGTH:5\r\n\r\n\r\n\r\n!",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n\r\n0123456789abcd\r\n0\r\n\r\n",
    ]

    @Test(arguments: uploads)
    func `the sink answers when a body has ended, and not before`(upload: String) throws {
        let floor = try FloorProcess("--mode", "sink")
        let client = try RawClient(port: floor.port)
        for _ in 0..<2 {
            try client.send(upload)
            let answer = try client.response()
            #expect(answer.status == 200 && answer.body.isEmpty)
        }
        // CRLF is one character, so its last byte is cut off among the bytes.
        let bytes = Array(upload.utf8)
        try client.send(Array(bytes.dropLast()))
        #expect(try !client.hasNews(within: 20_000_000))
        try client.send([bytes[bytes.count - 1]])
        #expect(try client.response().status == 200)
        for byte in bytes.dropLast() { try client.send([byte]) }
        #expect(try !client.hasNews(within: 20_000_000))
        try client.send([bytes[bytes.count - 1]])
        #expect(try client.response().status == 200)
    }

    @Test func `a chunk size that ends in 0, and data like a line end, are no last chunk`() throws {
        let floor = try FloorProcess("--mode", "sink")
        let client = try RawClient(port: floor.port)
        try client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n\r\n")
        #expect(try !client.hasNews(within: 20_000_000))
        try client.send("0123456789abcd\r\n0\r\n\r\n")
        #expect(try client.response().status == 200)
    }

    @Test func `the sink takes bodies by length one behind the other`() throws {
        let floor = try FloorProcess("--mode", "sink")
        let client = try RawClient(port: floor.port)
        try client.send(String(repeating: Self.uploads[0], count: 100))
        #expect(try client.responses(100).allSatisfy { $0.status == 200 })
        #expect(try !client.hasNews(within: 20_000_000))
    }

    @Test(arguments: [1, 65_535, 65_536, 65_537, 3_000_000], [[], ["--chunked"]])
    func `uploads of any length come to their end`(byteCount: Int, framing: [String]) throws {
        let floor = try FloorProcess("--mode", "sink")
        let finished = try streaming(
            ["upload", floor.url, "--bytes", "\(byteCount)", "--rounds", "2"] + framing)
        #expect(finished.code == 0, "\(finished.error)")
    }

    // MARK: - Source

    @Test(arguments: [1, 65_536, 200_000], [false, true])
    func `the source sends as much as it is told, to each request`(
        byteCount: Int, isChunked: Bool
    ) throws {
        let floor =
            isChunked
            ? try FloorProcess("--mode", "source", "--bytes", "\(byteCount)", "--chunked")
            : try FloorProcess("--mode", "source", "--bytes", "\(byteCount)")
        let client = try RawClient(port: floor.port)
        try client.send("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        for answer in try client.responses(2) {
            #expect(answer.status == 200)
            #expect(answer.body == [UInt8](repeating: UInt8(ascii: "."), count: byteCount))
            #expect((answer.chunkSizes != nil) == isChunked)
            #expect((answer.chunkSizes ?? []).allSatisfy { $0 <= 65_536 })
        }
        #expect(try !client.hasNews(within: 20_000_000))
    }

    /// Far more than the kernel holds for a client that does not read, so that the source is blocked
    /// in the middle of a block, again and again.
    @Test func `a client that reads late gets everything, and keeps nobody waiting`() throws {
        let floor = try FloorProcess("--mode", "source", "--bytes", "64m", "--chunked")
        let client = try RawClient(port: floor.port)
        try client.send("GET / HTTP/1.1\r\n\r\n")
        #expect(try client.hasNews(within: RawClient.patience))
        let other = try streaming(["download", floor.url, "--bytes", "64m", "--rounds", "2"])
        #expect(other.code == 0, "\(other.error)")
        // Head, then 1,024 chunks with 9 bytes around the data of each, then the last chunk.
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
        var left = head.utf8.count + 1_024 * (65_536 + 9) + 5
        while left > 0, let count = try client.takeSome() { left -= count }
        #expect(left == 0)
        #expect(try !client.hasNews(within: 20_000_000))
    }

    // MARK: - Both

    @Test func `two servers are compared in alternating rounds, with their cost`() throws {
        let first = try FloorProcess("--mode", "source", "--bytes", "1m")
        let other = try FloorProcess("--mode", "source", "--bytes", "1m", "--chunked")
        let finished = try streaming([
            "download", first.url, "--pid", "\(first.process.id)", "--against", other.url,
            "--against-pid", "\(other.process.id)", "--bytes", "1m", "--rounds", "3",
        ])
        #expect(finished.code == 0, "\(finished.error)")
        #expect(finished.output.contains("download of 1.00 MiB, 3 rounds"))
        #expect(finished.output.contains(" ratio   rate "))
        #expect(finished.output.contains(" ratio   cost "))
        #expect(finished.output.contains(" memory  \(other.url): resident "))
    }

    @Test func `a wrong length ends the program with the server's name and both numbers`() throws {
        let floor = try FloorProcess("--mode", "source", "--bytes", "1000")
        let finished = try streaming(["download", floor.url, "--bytes", "1001"])
        #expect(finished.code == 1 && finished.output.isEmpty)
        #expect(
            finished.error
                == "streaming: \(floor.url), round 1 of 5: the body has 1,000 bytes, not 1,001; "
                + "--bytes says how many there have to be\n")
    }

    @Test(arguments: [
        (["--mode", "drain"], "--mode: 'drain' is no mode; give answer, sink or source"),
        (["--mode"], "--mode: a value is missing; see --help"),
        (["--port", "70000"], "--port: '70000' is not a port; give 0 to 65535"),
        (
            ["--bytes", "0"],
            "--bytes: '0' is not a size; give 1 byte to 1024g, such as 65536, 64k, 1g"
        ),
        (
            ["--bytes", "1025g"],
            "--bytes: '1025g' is not a size; give 1 byte to 1024g, such as 65536, 64k, 1g"
        ),
        (["8080"], "8080: unknown option; see --help"),
    ])
    func `the floor names what it does not understand`(
        arguments: [String], message: String
    ) throws {
        let finished = try ChildProcess(SluiceProcess.path(of: "floor"), arguments).wait()
        #expect(finished.code == 2)
        #expect(finished.error == "floor: \(message)\n")
    }
}
