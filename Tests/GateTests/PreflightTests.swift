import GateCore
import Syscalls
import Testing

@testable import gate

@Suite struct PreflightTests {
    @Test(
        arguments: [
            ([], nil), ([3], nil), ([0, 1], 1), ([0, 1, 2, 3], 2), ([1, 0], 0), ([2, 5], 5),
        ] as [([Int], Int?)])
    func `the client's core is no sibling of the server's where that can be`(
        allowed: [Int], client: Int?
    ) {
        // Cores 0 and 1 are two threads of one, as are 2 and 3.
        let cores = Preflight.cores(allowed: allowed) { core in [core & ~1, core | 1] }
        #expect(cores?.client == client)
        if let cores { #expect(cores.server == allowed.first) }
    }

    static let codes: [(verdict: Verdict, code: Int32)] = [
        (.pass, 0), (.fail, 1), (.inconclusive, 3), (.invalid, 4),
    ]

    @Test(arguments: codes)
    func `a verdict has its exit code`(verdict: Verdict, code: Int32) {
        #expect(GateExitCode.of(verdict, signal: nil, inconclusive: .fail) == code)
        let lenient: Int32 = verdict == .inconclusive ? 0 : code
        #expect(GateExitCode.of(verdict, signal: nil, inconclusive: .warn) == lenient)
        #expect(GateExitCode.of(verdict, signal: nil, inconclusive: .pass) == lenient)
        #expect(GateExitCode.of(verdict, signal: .interrupt, inconclusive: .pass) == 130)
        #expect(GateExitCode.of(verdict, signal: .terminate, inconclusive: .warn) == 143)
    }

    @Test func `of what a server says the end is kept`() {
        var tail = TextTail()
        #expect(tail.clause == "")
        for number in 0..<1_000 { tail.append("line \(number)") }
        #expect(tail.text.utf8.count <= TextTail.maximumByteCount)
        #expect(tail.clause == ": line 999")
        tail.append("x.swift:1: Fatal error: out of luck")
        tail.append("backtrace")
        #expect(tail.clause == ": x.swift:1: Fatal error: out of luck")
    }
}
