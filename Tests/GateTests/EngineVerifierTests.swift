import GateCore
import LoadGenCore
import Syscalls
import Testing

@testable import gate

@Suite struct EngineVerifierTests {
    static let fields = "Date: x\r\nContent-Type: text/plain\r\n"

    static func answer(
        _ body: String = "Hello, World!", status: Int = 200, fields: String = fields
    ) -> String {
        "HTTP/1.1 \(status) OK\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// Verifies a server that answers so, and closes where it is asked to.
    static func verify(
        _ kind: EngineCommand.Kind = .sluice, agreed: (engine: String, body: [UInt8])? = nil,
        keepsAlive: Bool = true, closes: Bool = true,
        _ reply: @escaping @Sendable (Int) -> ScriptedServer.Reply
    ) throws -> Verification {
        let server = try ScriptedServer { number, head in
            if closes, head.contains("Connection: close"), case .send(let text) = reply(number) {
                return .sendAndClose(text)
            }
            return reply(number)
        }
        defer { server.stop() }
        var scenario = Scenario.busy
        scenario.keepsAlive = keepsAlive
        let engine = EngineCommand(name: "subject", kind: kind, words: ["subject"])
        return EngineVerifier(
            engine: engine, scenario: scenario, target: server.target, agreed: agreed
        ).run().0
    }

    @Test(arguments: [EngineCommand.Kind.sluice, .floor, .foreign], [true, false])
    func `the right answer is correct`(kind: EngineCommand.Kind, keepsAlive: Bool) throws {
        let verification = try Self.verify(kind, keepsAlive: keepsAlive) { _ in
            .send(Self.answer())
        }
        #expect(verification == .correct)
    }

    @Test func `a stranger may say what it likes, and leave our fields out`() throws {
        let text = Self.answer("Guten Tag", status: 203, fields: "")
        #expect(try Self.verify(.foreign) { _ in .send(text) } == .correct)
    }

    static let deviations: [(answer: ScriptedServer.Reply, verification: Verification)] = [
        (.send(answer(status: 503)), .failed("subject answered 503 to GET /")),
        (.close, .failed("subject closed the connection instead of answering GET /")),
        (.send(answer(status: 404)), .wrong("subject answered 404 to GET /, expected 200")),
        (
            .send(answer(fields: "Date: x\r\n")),
            .wrong("subject answers without the field Content-Type")
        ),
        (
            .send(answer("Hello, Mars!!")),
            .wrong("subject answered GET / with 'Hello, Mars!!', expected 'Hello, World!'")
        ),
        (
            .send("220 mail.example ESMTP\r\n\r\n"),
            .wrong("subject answered GET / with something that is not HTTP, byte 0")
        ),
        (
            .sendAndClose("HTTP/1.1 200 OK\r\n\(fields)\r\nHello, World!"),
            .wrong(
                "subject gives its body neither a length nor chunks, so that no connection can be "
                    + "kept (--no-keepalive compares without)")
        ),
    ]

    @Test(arguments: deviations)
    func `a deviation is named`(
        answer: ScriptedServer.Reply, verification: Verification
    ) throws {
        #expect(try Self.verify { _ in answer } == verification)
    }

    /// The first answer comes alone, then four together.
    @Test(arguments: 2...5)
    func `answers at depth are compared one by one`(number: Int) throws {
        let different = try Self.verify(.foreign) {
            .send(Self.answer($0 == number ? "something else" : "Hello, World!"))
        }
        #expect(
            different
                == .wrong(
                    "subject answered GET / with 'something else', expected 'Hello, World!' as from "
                        + "its first answer"))
        let missing = try Self.verify(.foreign) {
            $0 == number ? .close : .send(Self.answer())
        }
        #expect(
            missing
                == .failed(
                    "subject closed the connection instead of answering GET /, number "
                        + "\(number - 1) of 4 sent together"))
    }

    @Test func `silence is a refusal, and a connection that stays open is wrong`() throws {
        let silent = try Self.verify { _ in .send("") }
        #expect(silent == .failed("subject did not answer GET / within 2 s"))
        let open = try Self.verify(closes: false) { _ in .send(Self.answer()) }
        #expect(open == .wrong("subject did not close a connection that asked for it"))
    }

    @Test func `another engine's answer has to be the same`() throws {
        let verification = try Self.verify(.foreign, agreed: ("other", Array("Servus".utf8))) { _ in
            .send(Self.answer(String(repeating: "x", count: 100)))
        }
        let text = String(repeating: "x", count: 40)
        #expect(
            verification
                == .wrong(
                    "subject answered GET / with '\(text)'… (100 bytes), expected 'Servus' as from "
                        + "other (--any-body allows it)"))
    }

    @Test func `nobody there is a refusal`() throws {
        // Bound and never listened on: nobody else can get this port meanwhile.
        let socket = try Socket.stream(family: .ipv4, nonBlocking: false)
        try Socket.bind(socket, to: .loopback(port: 0))
        let port = try Socket.localAddress(of: socket)?.port ?? 0
        let target = try LoadOptions.target("http://127.0.0.1:\(port)/")
        #expect(!HTTPClient.canConnect(to: target) && !HTTPClient.answers(at: target))
        let engine = EngineCommand(name: "subject", kind: .foreign, words: ["subject"])
        let verification = EngineVerifier(
            engine: engine, scenario: .busy, target: target, agreed: nil
        ).run().0
        #expect(
            verification
                == .failed("subject accepts no connection: Connection refused (ECONNREFUSED)"))
    }
}
