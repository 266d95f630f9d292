import Synchronization
import Syscalls
import Testing

@Suite struct ProcessTests {
    @Test func `the monotonic clock never goes back`() {
        var last = MonotonicClock.now()
        for _ in 0..<1000 {
            let now = MonotonicClock.now()
            #expect(now >= last)
            last = now
        }
        #expect(last.nanoseconds > 0)
    }

    @Test func `the wall clock is in this century`() {
        let now = WallClock.now()
        #expect(now.seconds > 1_700_000_000)
        #expect(now.seconds < 4_102_444_800)
        #expect((0..<1_000_000_000).contains(now.nanoseconds))
    }

    @Test func `work costs processor time`() {
        let thread = ThreadCPUClock.now()
        let process = ProcessCPUClock.now()
        var sum: UInt64 = 0
        for value in 0..<100_000 as Range<UInt64> { sum &+= value &* value }
        #expect(sum != 0)
        #expect(ThreadCPUClock.now() > thread)
        #expect(ProcessCPUClock.now() > process)
    }

    @Test func `the limit of open files can be raised to the hard limit, never beyond`() throws {
        let before = try ProcessLimits.openFiles()
        #expect(before.soft > 0)
        #expect(before.soft <= before.hard)
        #expect(try ProcessLimits.raiseOpenFiles(to: 1) == before.soft)
        #expect(try ProcessLimits.raiseOpenFiles(to: .max) == before.hard)
        let after = try ProcessLimits.openFiles()
        #expect(after.soft == before.hard)
        #expect(after.hard == before.hard)
    }

    @Test func `a thread can be held to one core`() throws {
        let cores = try CPUAffinity.allowedCores()
        let core = try #require(cores.last)
        let seen = Mutex<[Int]>([])
        try onThread {
            try CPUAffinity.pin(toCore: core)
            let now = try CPUAffinity.allowedCores()
            seen.withLock { $0 = now }
        }
        #expect(seen.withLock { $0 } == [core])
        #expect(try CPUAffinity.allowedCores() == cores)
    }

    @Test func `a blocked signal waits to be taken`() throws {
        let taken = Mutex<Signal?>(nil)
        try onThread {
            Signals.block([.user1, .user2])
            Signals.raise(.user2)
            let signal = Signals.wait(for: [.user1, .user2])
            taken.withLock { $0 = signal }
        }
        #expect(taken.withLock { $0 } == .user2)
    }

    @Test func `an ignored signal does nothing`() async {
        await #expect(processExitsWith: .success) {
            Signals.ignore(.user1)
            Signals.raise(.user1)
        }
    }

    @Test func `a default signal ends the process even after it was blocked and ignored`() async {
        await #expect(processExitsWith: .signal(Signal.terminate.rawValue)) {
            Signals.block([.terminate])
            Signals.ignore(.terminate)
            Signals.raiseDefault(.terminate)
        }
    }

    @Test(arguments: ["", "short", "a name far beyond fifteen bytes", "fünfzehn Bytes €€€"])
    func `a thread runs its body whatever its name`(name: String) throws {
        let ran = Mutex(false)
        try onThread(named: name) { ran.withLock { $0 = true } }
        #expect(ran.withLock { $0 })
    }

    @Test func `output is written whole`() async throws {
        let result = try await #require(
            processExitsWith: .success, observing: [\.standardErrorContent]
        ) {
            // More than a pipe holds at once.
            try Output.write(String(repeating: "x", count: 200_000), to: .error)
            try Output.write("end", to: .error)
        }
        let bytes = result.standardErrorContent
        #expect(bytes.count { $0 == UInt8(ascii: "x") } >= 200_000)
        #expect(String(decoding: bytes.suffix(3), as: UTF8.self) == "end")
    }

    @Test func `released descriptors are not closed`() throws {
        let raw = try Socket.stream(family: .ipv4, nonBlocking: true).release()
        let again = FileDescriptor(owning: raw)
        try Socket.setNoDelay(again, true)
    }

    /// Runs `body` on a thread of its own, since it changes the thread it runs on.
    private func onThread(
        named name: String = "test", _ body: @Sendable () throws -> Void
    ) throws {
        let failure = Mutex<(any Error)?>(nil)
        try withoutActuallyEscaping(body) { body in
            let thread = try Thread(name: name) {
                do {
                    try body()
                } catch {
                    failure.withLock { $0 = error }
                }
            }
            thread.join()
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
