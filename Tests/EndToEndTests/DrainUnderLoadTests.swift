import Foundation
import Synchronization
import Syscalls
import TestSupport
import Testing

/// A drain in the middle of traffic: nothing that was accepted is lost, nothing is cut.
@Suite(.onEveryEngine) struct DrainUnderLoadTests {
    @Test(arguments: [1, 8])
    func `every request under way gets a whole answer or a clean end`(depth: Int) throws {
        let sluice = try SluiceProcess(["--max-keepalive-requests", "0"])
        let load = Load(answersBeforeSignal: 4_000)
        for _ in 0..<8 { try load.start(port: sluice.port, depth: depth) }
        try load.waitForTraffic()
        sluice.process.signal(SIGTERM)
        let record = try load.waitForEnd()
        #expect(record.faults == [])
        #expect(record.answers >= 4_000)
        #expect(try sluice.process.wait().code == 0)
    }
}

/// Clients in closed loops, until the server ends their connections.
private final class Load: Sendable {
    struct Record: Sendable {
        var answers = 0
        var faults: [String] = []
        var running = 0
    }

    private let record = Mutex(Record())
    private let answersBeforeSignal: Int
    private let hasTraffic = DispatchSemaphore(value: 0)
    private let clientEnded = DispatchSemaphore(value: 0)

    init(answersBeforeSignal: Int) {
        self.answersBeforeSignal = answersBeforeSignal
    }

    func start(port: Int, depth: Int) throws {
        record.withLock { $0.running += 1 }
        _ = try Syscalls.Thread(name: "load") { [self] in
            let fault = run(port: port, depth: depth)
            record.withLock {
                $0.running -= 1
                if let fault { $0.faults.append(fault) }
            }
            hasTraffic.signal()
            clientEnded.signal()
        }
    }

    /// Returns when there were enough answers, or a client has ended too early.
    func waitForTraffic() throws {
        guard hasTraffic.wait(timeout: .now() + .seconds(30)) == .success else {
            throw ClientFailure("there is no traffic")
        }
    }

    func waitForEnd() throws -> Record {
        while record.withLock({ $0.running }) > 0 {
            guard clientEnded.wait(timeout: .now() + .seconds(30)) == .success else {
                throw ClientFailure("the clients do not end")
            }
        }
        return record.withLock { $0 }
    }

    /// Sends batches and reads their answers; returns what was wrong, if anything.
    private func run(port: Int, depth: Int) -> String? {
        let batch = String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: depth)
        do {
            let client = try RawClient(port: port)
            while true {
                try client.send(batch)
                for _ in 0..<depth {
                    if try isEnded(client) { return nil }
                    let response = try client.response()
                    note(response)
                    guard response.closes else { continue }
                    let ending = try client.end()
                    return ending == .finished ? nil : "\(ending) behind the last answer"
                }
            }
        } catch {
            return "\(error)"
        }
    }

    /// The end of the stream in place of an answer; a reset is a fault.
    private func isEnded(_ client: RawClient) throws -> Bool {
        _ = try client.hasNews(within: RawClient.patience)
        guard client.hasEndedBetweenAnswers else { return false }
        guard try client.end() == .finished else { throw ClientFailure("reset before an answer") }
        return true
    }

    private func note(_ response: RawResponse) {
        record.withLock {
            $0.answers += 1
            if $0.answers == answersBeforeSignal { hasTraffic.signal() }
            let isWhole = response.status == 200 ? response.text == "Hello, World!" : true
            if !isWhole || (response.status != 200 && response.status != 503) {
                $0.faults.append("\(response)")
            }
        }
    }
}
