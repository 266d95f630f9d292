import Containers
import HTTP1
import Testing

@testable import LoadGenCore

/// A client connection with requests outstanding, fed with bytes as they might come.
struct Client: ~Copyable {
    var connection: ClientConnection
    var workspace: AnswerWorkspace
    var tail: [UInt8] = []
    var events: [String] = []
    let methods: [RequestMethod]

    init(
        requests: Int, depth: Int = 8, method: RequestMethod = .get, requestLimit: Int = .max,
        expectedBody: String? = nil, expectedLength: Int? = nil
    ) {
        connection = ClientConnection(depth: depth)
        workspace = AnswerWorkspace(
            expectedBody: expectedBody.map { Array($0.utf8) }, expectedLength: expectedLength)
        methods = [method]
        connection.opened(requestLimit: requestLimit)
        for _ in 0..<requests { send() }
    }

    mutating func send() {
        connection.requestSent(
            OutstandingRequest(sequence: 0, planned: 1, sent: 1, kind: 0))
    }

    mutating func receive(_ bytes: some Sequence<UInt8>) {
        let bytes = tail + bytes
        var offset = 0
        while true {
            let event = connection.next(
                in: bytes.span, at: &offset, methods: methods, &workspace)
            switch event {
            case .needMore:
                tail = Array(bytes[offset...])
                return
            case .answered(let answer): events.append(Self.text(answer))
            case .continueReceived: events.append("continue")
            case .fault(let errorClass, let detail):
                events.append("\(errorClass.key) \(detail)")
                return
            }
        }
    }

    mutating func end() {
        switch connection.endOfStream(leftOver: tail.count, workspace) {
        case .idle: events.append("idle")
        case .announced: events.append("announced")
        case .completed(let answer): events.append("completed " + Self.text(answer))
        case .early(let byteCount): events.append("early \(byteCount)")
        }
    }

    private static func text(_ answer: Answer) -> String {
        "\(answer.status) \(answer.bodyByteCount)\(answer.bodyIsExpected ? "" : " wrong")"
    }
}

/// What a server sends, to how many requests, and what comes of it.
struct AnswerTranscript: CustomTestStringConvertible, Sendable {
    var name: String
    var requests = 1
    var method = RequestMethod.get
    var bytes: String
    var ends = false
    var events: [String]
    var usedUp = false

    var testDescription: String { name }

    static let all: [AnswerTranscript] = [
        .init(
            name: "length", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            events: ["200 5"]),
        .init(
            name: "three pipelined", requests: 3,
            bytes: String(repeating: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", count: 3),
            events: ["200 2", "200 2", "200 2"]),
        .init(
            name: "chunked, with a trailer",
            bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n",
            events: ["200 5"]),
        .init(
            name: "204 and 304 have no body", requests: 2,
            bytes: "HTTP/1.1 204 No Content\r\n\r\n"
                + "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
            events: ["204 0", "304 0"]),
        .init(
            name: "HEAD has no body", requests: 2, method: .head,
            bytes: String(
                repeating: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", count: 2),
            events: ["200 0", "200 0"]),
        .init(
            name: "interim answers are no answers",
            bytes: "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            events: ["continue", "200 0"]),
        .init(
            name: "until the connection closes", requests: 2,
            bytes: "HTTP/1.0 200 OK\r\n\r\nall of it", ends: true, events: ["completed 200 9"],
            usedUp: true),
        .init(
            name: "HTTP/1.0 closes unless it says otherwise", requests: 2,
            bytes: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", ends: true,
            events: ["200 2", "announced"], usedUp: true),
        .init(
            name: "HTTP/1.0 keeps alive when it says so", requests: 2,
            bytes: String(
                repeating: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
                    + "Content-Length: 2\r\n\r\nok", count: 2),
            events: ["200 2", "200 2"]),
        .init(
            name: "an announced close", requests: 3,
            bytes: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
            ends: true, events: ["200 2", "announced"], usedUp: true),
        .init(
            name: "Keep-Alive: max counts down to the close", requests: 3,
            bytes: "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=1\r\nContent-Length: 2\r\n\r\nok"
                + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            ends: true, events: ["200 2", "200 2", "announced"], usedUp: true),
        .init(name: "a close while idle", requests: 0, bytes: "", ends: true, events: ["idle"]),
        .init(name: "a close before the answer", bytes: "", ends: true, events: ["early 0"]),
        .init(
            name: "a close in the head", bytes: "HTTP/1.1 200", ends: true, events: ["early 12"]),
        .init(
            name: "a close in the body",
            bytes: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", ends: true,
            events: ["early 43"]),
        .init(name: "garbage", bytes: "garbage\r\n\r\n", events: ["parse 0"]),
        .init(
            name: "a broken chunk",
            bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX",
            events: ["parse 53"]),
        .init(
            name: "an upgrade that nobody asked for",
            bytes: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            events: ["parse 48"]),
    ]
}

@Suite struct ClientConnectionTests {
    @Test(arguments: AnswerTranscript.all)
    func `reads answers whole, at every split and byte by byte`(_ transcript: AnswerTranscript) {
        let bytes = Array(transcript.bytes.utf8)
        func check(_ pieces: [ArraySlice<UInt8>], _ comment: Comment) {
            var client = Client(requests: transcript.requests, method: transcript.method)
            for piece in pieces where client.events.last?.hasPrefix("parse") != true {
                client.receive(piece)
            }
            if transcript.ends { client.end() }
            #expect(client.events == transcript.events, comment)
            if transcript.usedUp {
                #expect(client.connection.isUsedUp && client.connection.room == 0, comment)
            }
        }
        check([bytes[...]], "whole")
        check(bytes.indices.map { bytes[$0...$0] }, "byte by byte")
        for split in bytes.indices { check([bytes[..<split], bytes[split...]], "at \(split)") }
    }

    @Test func `bytes that nobody asked for are a fault`() {
        var client = Client(requests: 1)
        client.receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n".utf8)
        #expect(client.events == ["200 2", "unexpected_bytes 17"])
    }

    @Test func `the window rolls and never holds more than its depth`() {
        var client = Client(requests: 4, depth: 4)
        #expect(client.connection.room == 0)
        client.receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)
        #expect(client.connection.room == 1)
        client.send()
        #expect(client.connection.room == 0 && client.connection.outstandingCount == 4)
    }

    @Test func `the window does not reach past an announced number of requests`() {
        var client = Client(requests: 2, depth: 8)
        client.receive(
            "HTTP/1.1 200 OK\r\nKeep-Alive: max=3\r\nContent-Length: 2\r\n\r\nok".utf8)
        // One of the three that the server still takes is outstanding already.
        #expect(client.connection.room == 2)
    }

    @Test func `the window does not reach past the client's own number of requests`() {
        var client = Client(requests: 2, depth: 8, requestLimit: 3)
        #expect(client.connection.room == 1)
        client.send()
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        client.receive((answer + answer).utf8)
        #expect(client.connection.room == 0 && !client.connection.isUsedUp)
        client.receive(answer.utf8)
        #expect(client.connection.isUsedUp == true)
    }

    @Test func `what was behind an announced close is sent again first`() {
        var client = Client(requests: 3, depth: 3)
        client.receive(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok".utf8)
        client.end()
        client.connection.opened(requestLimit: .max)
        #expect(client.connection.unsentCount == 2 && client.connection.room == 1)
        let request = client.connection.requestSentAgain(0, at: 9)
        // The request is as old as it was; only its service time begins anew.
        #expect(request.planned == 1 && request.sent == 9)
        client.connection.allSentAgain()
        #expect(client.connection.unsentCount == 0 && client.connection.outstandingCount == 2)
    }

    @Test(
        arguments: [
            ("hello", "hello", nil, true), ("hello", "hellO", nil, false),
            ("hello", "hell", nil, false), ("hello", "hello!", nil, false),
            (nil, "12345", 5, true), (nil, "1234", 5, false), ("", "", nil, true),
        ] as [(String?, String, Int?, Bool)])
    func `compares bodies with what was expected`(
        expected: String?, body: String, length: Int?, isExpected: Bool
    ) {
        for pieceCount in 1...max(1, body.utf8.count) {
            var client = Client(requests: 1, expectedBody: expected, expectedLength: length)
            client.receive("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n".utf8)
            let bytes = Array(body.utf8)
            for start in stride(from: 0, to: bytes.count, by: pieceCount) {
                client.receive(bytes[start..<min(bytes.count, start + pieceCount)])
            }
            #expect(client.events == ["200 \(body.utf8.count)" + (isExpected ? "" : " wrong")])
        }
    }

    @Test func `a head that came before is known by its bytes, and no other is taken for it`() {
        var client = Client(requests: 4)
        let first = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
        let second = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
        client.receive((first + "ok" + first + "ok" + second + "abc" + first + "ok").utf8)
        #expect(client.events == ["200 2", "200 2", "200 3", "200 2"])
    }
}

@Suite struct InstantHeapTests {
    @Test(arguments: [1, 2, 3, 10, 100]) func `gives slots by their instants`(count: Int) {
        var heap = InstantHeap(capacity: count)
        var generator = SeededGenerator(seed: UInt64(count))
        var instants = (0..<count).map { _ in generator.next(below: 50) }
        for (slot, instant) in instants.enumerated() { heap.insert(slot, at: instant) }
        instants.sort()
        #expect(heap.earliest == instants[0])
        #expect(instants[0] == 0 || heap.popDue(now: instants[0] - 1) == nil)
        var popped = 0
        for instant in instants {
            #expect(heap.earliest == instant)
            popped += heap.popDue(now: instant) == nil ? 0 : 1
        }
        #expect(popped == count && heap.earliest == nil && heap.popDue(now: .max) == nil)
    }
}

@Suite struct RequestSourceTests {
    private func source(_ arguments: String...) throws -> RequestSource {
        let parser = OptionParser(
            readFile: FileReader { _ throws(FileReader.FileError) in
                Array("1 GET /a{seq}\n1 POST /b \"{rand:1-9}\"\n".utf8)
            })
        guard case .run(let options) = try parser.parse(arguments) else {
            throw OptionError(option: "", problem: "", cure: "")
        }
        return try RequestSource(options)
    }

    @Test func `equal requests lie ready, and what is owed goes on where it stopped`() throws {
        let source = try source("http://h/", "-p", "4")
        let one = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
        let length = one.utf8.count
        #expect(source.isConstant && source.constantByteCount == length)
        func text(owed: Int) -> String {
            let bytes = source.readyBytes(owed: owed)
            return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
        #expect(text(owed: length) == one)
        #expect(text(owed: 2 * length - 3) == String((one + one).dropFirst(3)))
        // Four lie ready; of more than that, the first part.
        #expect(text(owed: 9 * length - 1).utf8.count == 4 * length - 1)
    }

    @Test func `a request is a function of its number`() throws {
        let source = try source("http://h/", "--mix", "m", "--seed", "7")
        #expect(source.isConstant == false)
        for sequence in UInt64(0)..<50 {
            let kind = source.kind(of: sequence)
            #expect(source.kind(of: sequence) == kind)
            let request = OutstandingRequest(sequence: sequence, planned: 0, sent: 0, kind: kind)
            func rendered() -> [UInt8] {
                var output = ByteBuffer()
                source.render(request, into: &output)
                return output.span.indices.map { output.span[$0] }
            }
            let bytes = rendered()
            #expect(bytes == rendered())
            if kind == 0 {
                #expect(bytes.starts(with: "GET /a\(sequence) HTTP/1.1\r\n".utf8))
            }
        }
    }
}

@Suite struct LoadRunTests {
    @Test(arguments: [(10, 3), (3, 3), (1_000_003, 7), (0, 2)])
    func `shares are even and lose nothing`(whole: Int, count: Int) {
        var next = 0
        for index in 0..<count {
            let share = LoadRun.share(of: whole, index, count)
            #expect(share.lowerBound == next)
            #expect(share.count - whole / count == 0 || share.count - whole / count == 1)
            next = share.upperBound
        }
        #expect(next == whole)
    }
}
