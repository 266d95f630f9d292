import Foundation
import Sluice
import TestSupport
import Testing

/// SIGTERM and SIGINT: what was accepted is answered, what comes later hears 503, and the process
/// ends with its last connection.
@Suite(.onEveryEngine) struct DrainTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    /// Accepted once its head is there; its body is five bytes.
    private let upload = "POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"

    @Test(arguments: [SIGTERM, SIGINT])
    func `a server without connections ends although the drain has no time limit`(
        signal: Int32
    ) throws {
        let sluice = try SluiceProcess(["--drain-timeout", "0"])
        sluice.process.signal(signal)
        let finished = try sluice.process.wait()
        #expect(finished.code == 0)
        #expect(finished.error == "")
    }

    @Test func `idle connections end without a reset`() throws {
        let sluice = try SluiceProcess()
        try {
            let fresh = try sluice.client()
            let used = try sluice.client()
            try used.send(get)
            #expect(try used.response().status == 200)
            try sluice.drain()
            #expect(try fresh.end() == .finished)
            #expect(try used.end() == .finished)
        }()
        #expect(try sluice.process.wait().code == 0)
    }

    @Test func `a request behind the signal hears 503 and when to come back`() throws {
        try expectTooLate(get) { client in
            try client.send(get)
            #expect(try client.response().status == 200)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `an upload that is under way is taken and answered`(signal: Int32) throws {
        let sluice = try SluiceProcess()
        try {
            let known = try sluice.client()
            try known.send(upload + "he")
            let chunked = try sluice.client()
            try chunked.send(
                "POST /submit HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nh")
            try sluice.drain(signal)
            try known.send("llo")
            try chunked.send("e\r\n3\r\nllo\r\n0\r\n\r\n")
            for client in [known, chunked] {
                let response = try client.response()
                #expect(response.status == 200)
                #expect(response.text == "hello")
                // A worker of the pool may learn of the drain only after this answer.
                #expect(response.closes || EngineUnderTest.current == .threadPool)
                #expect(try client.end() == .finished)
            }
        }()
        #expect(try sluice.process.wait().code == 0)
    }

    @Test func `what the kernel had accepted is served`() throws {
        let sluice = try SluiceProcess()
        try {
            // Handshakes are the kernel's work: these are complete, whatever the server does.
            let clients = try (0..<20).map { _ in try sluice.client() }
            for client in clients { try client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n") }
            sluice.process.signal(SIGTERM)
            for client in clients {
                let response = try client.response()
                #expect(response.status == 200)
                #expect(response.chunkSizes?.count == 5)
                #expect(try client.end() == .finished)
            }
        }()
        #expect(try sluice.process.wait().code == 0)
    }

    @Test func `a whole pipeline that had come is answered`() throws {
        let sluice = try SluiceProcess()
        try {
            let client = try sluice.client()
            try client.send(String(repeating: get, count: 500))
            sluice.process.signal(SIGTERM)
            #expect(try client.responses(500).allSatisfy { $0.status == 200 })
            #expect(try client.end() == .finished)
        }()
        #expect(try sluice.process.wait().code == 0)
    }

    @Test func `half a head that had come hears 503 when it is complete`() throws {
        try expectTooLate("st: a\r\n\r\n") { client in
            try client.send(get + "GET / HTTP/1.1\r\nHo")
            #expect(try client.response().status == 200)
        }
    }

    @Test func `a stream that is under way is sent to its end, and what was behind it`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client(receiveBufferSize: 4_096)
            try client.send(
                "GET /long HTTP/1.1\r\nHost: a\r\n\r\nGET /path HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.hasNews(within: RawClient.patience))
            running.server.drain()
            try running.wait(for: .draining)
            let stream = try client.response()
            #expect(stream.body.count == 400 * 16_384)
            let last = try client.response()
            #expect(last.status == 200)
            #expect(last.text == "/path")
            #expect(last.closes)
            #expect(try client.end() == .finished)
        }
    }

    @Test func `a drain that takes too long is forced and says how many it closed`() throws {
        let sluice = try SluiceProcess(["--drain-timeout", "300ms"])
        let clients = try [sluice.client(), sluice.client()]
        for client in clients { try client.send(upload + "he") }
        sluice.process.signal(SIGTERM)
        let finished = try sluice.process.wait()
        #expect(finished.code == 3)
        #expect(finished.error.split(separator: "\n").count == 1)
        #expect(finished.error.contains("--drain-timeout"))
        #expect(finished.error.contains("2 open connections"))
        for client in clients { #expect(try client.rest().bytes.isEmpty) }
    }

    static let signalPairs: [(Int32, Int32, Int32)] = [
        (SIGTERM, SIGTERM, 143), (SIGTERM, SIGINT, 130), (SIGINT, SIGINT, 130),
    ]

    @Test(arguments: signalPairs)
    func `a second signal ends at once`(first: Int32, second: Int32, code: Int32) throws {
        let sluice = try SluiceProcess(["--drain-timeout", "0"])
        let client = try sluice.client()
        try client.send(upload)
        try sluice.drain(first)
        sluice.process.signal(second)
        #expect(try sluice.process.wait().code == code)
    }

    /// What is sent after the drain has begun hears 503, on a connection that was prepared before.
    ///
    /// An idle connection is kept for one second of the drain. A run in which this machine needed
    /// longer to send says nothing and is done again.
    private func expectTooLate(_ text: String, prepare: (RawClient) throws -> Void) throws {
        for _ in 0..<10 {
            let sluice = try SluiceProcess()
            let client = try sluice.client()
            try prepare(client)
            let start = ContinuousClock.now
            try sluice.drain()
            try client.send(text)
            if ContinuousClock.now - start < .seconds(1) {
                var response = try client.response()
                if EngineUnderTest.current == .threadPool, response.status == 200 {
                    // A worker in its blocking receive learns of the drain when that ends.
                    try client.send(get)
                    response = try client.response()
                }
                try expectUnavailable(response, client)
                #expect(try sluice.process.wait().code == 0)
                return
            }
            _ = try sluice.process.wait()
        }
        Issue.record("this machine has never sent within a second")
    }

    private func expectUnavailable(_ response: RawResponse, _ client: RawClient) throws {
        #expect(response.status == 503)
        #expect(response["Retry-After"] == "2")
        #expect(response.defect == nil)
        #expect(response.closes)
        #expect(try client.end() == .finished)
    }
}
