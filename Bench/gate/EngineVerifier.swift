internal import Containers
internal import GateCore
internal import LoadGenCore

/// What a server must have shown before its speed means anything: the right answer, in order at the
/// scenario's depth, and an end when it is asked for one. A fast wrong answer would win every
/// comparison.
struct EngineVerifier {
    /// What `/` of our servers says.
    static let greeting = Array("Hello, World!".utf8)

    /// A deviation, and whether it is a refusal to serve.
    private enum Deviation: Error {
        case failed(String)
        case wrong(String)
    }

    let engine: EngineCommand
    let scenario: Scenario
    /// Where it listens, with the scenario's path.
    let target: TargetURL
    /// What other engines of the run answered, and the name of the first; nil for no comparison.
    let agreed: (engine: String, body: [UInt8])?

    /// Asks, and compares. The body is what every later answer has to be.
    func run() -> (Verification, body: [UInt8]) {
        do throws(Deviation) {
            let body = try verifyAnswer()
            if scenario.keepsAlive, engine.kind == .sluice { try verifyClose(body) }
            return (.correct, body)
        } catch {
            return switch error {
            case .failed(let clause): (.failed(clause), [])
            case .wrong(let clause): (.wrong(clause), [])
            }
        }
    }

    // MARK: - Steps

    /// The first answer, and then as many as the scenario has in flight.
    private func verifyAnswer() throws(Deviation) -> [UInt8] {
        let request = HTTPClient.request(to: target, closes: !scenario.keepsAlive)
        var client = try connect()
        try ask(&client, request, count: 1)
        let first = try answer(&client, 1, of: 1)
        try check(first)
        guard scenario.keepsAlive else {
            try checkEnd(&client)
            return first.body
        }
        try ask(&client, request, count: scenario.pipelineDepth)
        for number in 1...scenario.pipelineDepth {
            let next = try answer(&client, number, of: scenario.pipelineDepth)
            try check(next)
            try compare(next.body, with: first.body, "its first answer")
        }
        return first.body
    }

    private func verifyClose(_ body: [UInt8]) throws(Deviation) {
        var client = try connect()
        try ask(&client, HTTPClient.request(to: target, closes: true), count: 1)
        try compare(try answer(&client, 1, of: 1).body, with: body, "its first answer")
        try checkEnd(&client)
    }

    private func checkEnd(_ client: inout HTTPClient) throws(Deviation) {
        guard client.endsHere() else {
            throw .wrong("\(subject) did not close a connection that asked for it")
        }
    }

    private func check(_ answer: Answer) throws(Deviation) {
        let isExpected =
            engine.kind == .foreign ? (200..<300).contains(answer.status) : answer.status == 200
        guard isExpected else {
            let clause = "\(subject) answered \(answer.status) to GET \(scenario.path)"
            throw answer.status >= 500 ? .failed(clause) : .wrong("\(clause), expected 200")
        }
        if scenario.keepsAlive, !answer.isDelimited {
            throw .wrong(
                "\(subject) gives its body neither a length nor chunks, so that no connection can "
                    + "be kept (--no-keepalive compares without)")
        }
        if engine.kind != .foreign {
            for name in ["Date", "Content-Type"]
            where !answer.fieldNames.contains(name.lowercased()) {
                throw .wrong("\(subject) answers without the field \(name)")
            }
            if scenario.path == "/" { try compare(answer.body, with: Self.greeting, nil) }
        }
        if let agreed, agreed.engine != engine.name {
            try compare(answer.body, with: agreed.body, "\(agreed.engine) (--any-body allows it)")
        }
    }

    private func compare(
        _ body: [UInt8], with expected: [UInt8], _ source: String?
    ) throws(Deviation) {
        guard body != expected else { return }
        throw .wrong(
            "\(subject) answered GET \(scenario.path) with \(Self.excerpt(body)), expected "
                + Self.excerpt(expected) + (source.map { " as from \($0)" } ?? ""))
    }

    // MARK: - The connection

    private func connect() throws(Deviation) -> HTTPClient {
        do throws(HTTPClient.Failure) { return try HTTPClient(target) } catch {
            throw deviation(error, "GET \(scenario.path)")
        }
    }

    private func ask(
        _ client: inout HTTPClient, _ request: [UInt8], count: Int
    ) throws(Deviation) {
        do throws(HTTPClient.Failure) { try client.send(request, count: count) } catch {
            throw deviation(error, "GET \(scenario.path)")
        }
    }

    private func answer(
        _ client: inout HTTPClient, _ number: Int, of count: Int
    ) throws(Deviation) -> Answer {
        do throws(HTTPClient.Failure) { return try client.nextAnswer() } catch {
            let place = count == 1 ? "" : ", number \(number) of \(count) sent together"
            throw deviation(error, "GET \(scenario.path)\(place)")
        }
    }

    private func deviation(_ failure: HTTPClient.Failure, _ request: String) -> Deviation {
        switch failure {
        case .noConnection(let reason): .failed("\(subject) accepts no connection: \(reason)")
        case .closed: .failed("\(subject) closed the connection instead of answering \(request)")
        case .silence:
            .failed(
                "\(subject) did not answer \(request) within "
                    + "\(HTTPClient.patience / 1_000_000_000) s")
        case .malformed(let offset):
            .wrong("\(subject) answered \(request) with something that is not HTTP, byte \(offset)")
        case .tooLarge: .wrong("\(subject) answered \(request) with more than 16 MiB")
        }
    }

    private var subject: String { engine.name }

    /// The beginning of a body, for people.
    private static func excerpt(_ body: [UInt8]) -> String {
        let limit = 40
        let text = String(decoding: body.prefix(limit), as: UTF8.self)
            .map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 } ? " " : $0 }
        return "'\(String(text))'" + (body.count > limit ? "… (\(body.count) bytes)" : "")
    }
}
