import Glibc
import Syscalls
import Testing

@Suite struct ChildProcessTests {
    /// No test waits longer for something that must happen.
    private var deadline: Instant { MonotonicClock.now() + 20_000_000_000 }
    /// Looks at what is there already.
    private var atOnce: Instant { MonotonicClock.now() }

    /// Runs commands of sh(1).
    private func shell(
        _ commands: String, environment: [String: String] = [:], error: ChildStream = .discard
    ) throws(Errno) -> ChildProcess {
        try ChildProcess(
            "/bin/sh", ["-c", commands], environment: environment, output: .pipe, error: error)
    }

    @Test(arguments: [0, 1, 255] as [Int32])
    func `an exit code is told`(code: Int32) throws {
        var child = try shell("exit \(code)")
        let ending = try #require(try child.wait(until: deadline))
        #expect(ending.reason == .exited(code: code))
        #expect(ending.isSuccess == (code == 0))
    }

    @Test(arguments: [Signal.terminate, .kill, .user1])
    func `a signal ends it, and is told`(signal: Signal) throws {
        var child = try ChildProcess("sleep", ["1000"])
        try child.signal(signal)
        let ending = try #require(try child.wait(until: deadline))
        #expect(ending.reason == .signalled(signal))
        #expect(!ending.isSuccess)
    }

    @Test func `an end is told as often as one asks`() throws {
        var child = try ChildProcess("sleep", ["1000"])
        #expect(try child.wait(until: atOnce) == nil)
        try child.signal(.terminate)
        let ending = try #require(try child.wait(until: deadline))
        #expect(ending.reason == .signalled(.terminate))
        #expect(try child.wait() == ending)
        try child.signal(.terminate)
    }

    @Test func `stopping kills what does not listen`() throws {
        var child = try shell("trap '' TERM; echo ready; while :; do sleep 1000; done")
        #expect(try child.nextLine(until: deadline) == .line("ready"))
        #expect(try child.stop(killingAt: atOnce).reason == .signalled(.kill))
    }

    @Test func `stopping asks first`() throws {
        var child = try shell("trap 'exit 7' TERM; echo ready; while :; do read x; done")
        #expect(try child.nextLine(until: deadline) == .line("ready"))
        #expect(try child.stop(killingAt: deadline).reason == .exited(code: 7))
    }

    @Test func `lines come while the program runs`() throws {
        var child = try shell("echo one; echo; printf 'two\\nthree'; sleep 1000")
        #expect(try child.nextLine(until: deadline) == .line("one"))
        #expect(try child.nextLine(until: deadline) == .line(""))
        #expect(try child.nextLine(until: deadline) == .line("two"))
        #expect(try child.nextLine(until: atOnce) == .timedOut)
        #expect(try child.wait(until: atOnce) == nil)
    }

    @Test func `what no line feed ends is the last line`() throws {
        var child = try shell("printf 'one\\ntwo'; printf 'three\\n' >&2", error: .pipe)
        #expect(try child.nextLine(until: deadline) == .line("one"))
        #expect(try child.nextLine(until: deadline) == .line("two"))
        #expect(try child.nextLine(until: deadline) == .endOfStream)
        #expect(try child.nextLine(until: deadline) == .endOfStream)
        #expect(try child.nextLine(of: .error, until: deadline) == .line("three"))
        #expect(try child.nextLine(of: .error, until: deadline) == .endOfStream)
    }

    @Test func `a line beyond the limit comes in pieces`() throws {
        var child = try shell("printf '%070000d\\nend\\n' 0")
        let first = String(repeating: "0", count: 65_536)
        let second = String(repeating: "0", count: 70_000 - 65_536)
        for line in [first, second, "end"] {
            #expect(try child.nextLine(until: deadline) == .line(line))
        }
        #expect(try child.nextLine(until: deadline) == .endOfStream)
    }

    @Test(arguments: [65_535, 65_536])
    func `a line at the limit is one line`(count: Int) throws {
        var child = try shell("printf '%0\(count)d\\nend\\n' 0")
        #expect(try child.nextLine(until: deadline) == .line(String(repeating: "0", count: count)))
        #expect(try child.nextLine(until: deadline) == .line("end"))
    }

    @Test func `a program whose pipe is full does not keep a wait from its end`() throws {
        // A pipe holds 64 KiB (pipe(7)).
        var child = try shell("printf '%0300000d\\n' 0; printf '%0300000d\\n' 0 >&2", error: .pipe)
        #expect(try #require(try child.wait(until: deadline)).isSuccess)
        for stream in [StandardStream.output, .error] {
            var count = 0
            while case .line(let line) = try child.nextLine(of: stream, until: deadline) {
                count += line.utf8.count
            }
            #expect(count == 300_000)
        }
    }

    @Test func `what nobody reads is dropped beyond a mebibyte`() throws {
        var child = try shell("printf '%03000000d\\n' 0")
        #expect(try #require(try child.wait(until: deadline)).isSuccess)
        var count = 0
        while case .line(let line) = try child.nextLine(until: deadline) {
            count += line.utf8.count
        }
        // Some of it may still have been in the pipe at the end.
        #expect((1_048_576...1_200_000).contains(count))
    }

    @Test func `variables are added, and replace those of the parent`() throws {
        var child = try shell(
            "echo \"$ADDED|$HOME|${PATH:+path}\"",
            environment: ["ADDED": "a=b", "HOME": "/nowhere"])
        #expect(try child.nextLine(until: deadline) == .line("a=b|/nowhere|path"))
    }

    @Test func `arguments arrive as they are`() throws {
        let arguments = ["-c", "for x; do echo \"<$x>\"; done", "sh", "a b", "", "ü'\"$"]
        var child = try ChildProcess("/bin/sh", arguments, output: .pipe)
        for expected in ["<a b>", "<>", "<ü'\"$>"] {
            #expect(try child.nextLine(until: deadline) == .line(expected))
        }
    }

    @Test func `standard input is at its end`() throws {
        var child = try shell("read line || echo end")
        #expect(try child.nextLine(until: deadline) == .line("end"))
    }

    @Test func `a program that is not there is an error`() {
        #expect(throws: Errno.noSuchFile) {
            _ = try ChildProcess("a-program-that-nobody-has")
        }
        #expect(throws: Errno.accessDenied) { _ = try ChildProcess("/dev/null") }
    }

    @Test func `a child does not inherit what this process blocks or ignores`() async throws {
        let result = try await #require(
            processExitsWith: .success, observing: [\.standardErrorContent]
        ) {
            Signals.ignore(.brokenPipe)
            Signals.block([.terminate, .user1])
            let commands = "grep -E '^Sig(Blk|Ign)' /proc/self/status >&2"
            var child = try ChildProcess("/bin/sh", ["-c", commands])
            _ = try child.wait()
        }
        let lines = String(decoding: result.standardErrorContent, as: UTF8.self).split(
            separator: "\n")
        for name in ["SigBlk:\t", "SigIgn:\t"] {
            let line = try #require(lines.first { $0.hasPrefix(name) })
            let signals = try #require(UInt64(line.dropFirst(name.count), radix: 16))
            // Signals 32 and 33 are the C library's own (nptl(7)), which it lets nobody change.
            #expect(signals & 0x7FFF_FFFF == 0, "\(line)")
        }
    }

    @Test func `who lets go of a running child kills it`() throws {
        var id: Int32 = 0
        do {
            let child = try ChildProcess("sleep", ["1000"])
            id = child.id
        }
        #expect(kill(id, 0) == -1)
    }

    @Test func `processor time is counted while it runs and afterwards`() throws {
        var child = try shell("i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; echo; sleep 1000")
        #expect(try child.nextLine(until: deadline) == .line(""))
        let deadline = deadline
        var running: UInt64 = 0
        while running == 0, MonotonicClock.now() < deadline {
            running = try child.processorNanoseconds()
        }
        #expect(running > 0)
        let usage = try child.stop(killingAt: deadline).usage
        // The kernel divides the exact sum between the two at its own discretion, in microseconds.
        #expect(usage.userNanoseconds + usage.systemNanoseconds + 2_000 >= running)
        #expect(usage.maximumResidentByteCount > 100_000)
        #expect(usage.voluntarySwitchCount > 0)
        #expect(throws: Errno.self) { try child.processorNanoseconds() }
    }
}
