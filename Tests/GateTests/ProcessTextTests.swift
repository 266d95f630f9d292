import Syscalls
import Testing

@testable import gate

@Suite struct ProcessTextTests {
    @Test func `reads a value of a status file in bytes`() {
        let text = "Name:\tsluice\nVmPeak:\t   9000 kB\nVmHWM:\t    8192 kB\nThreads:\t1\n"
        #expect(ProcessText.byteCount("VmHWM", inStatus: text) == 8_388_608)
        #expect(ProcessText.byteCount("Threads", inStatus: text) == nil)
        // A kernel thread has no memory of its own.
        #expect(ProcessText.byteCount("VmHWM", inStatus: "Name:\tkthreadd\n") == nil)
    }

    @Test(
        arguments: [
            ("", []), ("12 ", [12]), ("12 345 6\n", [12, 345, 6]), ("nonsense 7", [7]),
        ] as [(String, [Int32])])
    func `reads numbers`(text: String, numbers: [Int32]) {
        #expect(ProcessText.numbers(text) == numbers)
    }

    @Test(arguments: [
        ("0\n", [0]), ("0,2\n", [0, 2]), ("0-2,5\n", [0, 1, 2, 5]), ("", []), ("3-1", []),
    ])
    func `reads lists of cores`(text: String, cores: [Int]) {
        #expect(ProcessText.coreList(text) == cores)
    }

    @Test func `reads when a process began, whatever its name`() {
        let text = "7 (a) b) c) S 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 42 100 5"
        #expect(ProcessText.startTicks(inStat: text) == 42)
        #expect(ProcessText.startTicks(inStat: "7 (sh) S 1") == nil)
    }

    @Test func `reads the load and the processor's name`() {
        #expect(ProcessText.loadAverage("1.25 0.50 0.10 1/200 4242\n") == 1.25)
        #expect(ProcessText.loadAverage("") == nil)
        let text = "processor\t: 0\nmodel name\t: Some  CPU @ 2GHz\nmodel name\t: Other\n"
        #expect(ProcessText.processorName(text) == "Some CPU @ 2GHz")
        #expect(ProcessText.processorName("processor : 0\n") == nil)
    }

    static let stat = """
        cpu  100 0 0 100 0 0 0 40 0 0
        cpu0 50 0 10 20 0 0 0 20 7 0
        cpu1 50 0 0 30 0 0 0 20 0 0
        cpu10 1 1 1 1 1 1 1 1 0 0
        intr 12
        """

    @Test func `adds the ticks of the cores that are asked for`() throws {
        let one = try #require(CoreTicks(Self.stat, cores: [0]))
        #expect(one.total == 100 && one.stolen == 20)
        let both = try #require(CoreTicks(Self.stat, cores: [0, 1]))
        #expect(both.total == 200 && both.stolen == 40)
        #expect(CoreTicks(Self.stat, cores: [2]) == nil)
    }

    @Test(arguments: [(100, 10, 0.1), (100, 0, 0), (200, 1, 0.005), (99, 50, 0), (0, 0, 0)])
    func `stolen time is a share of what has passed, if that is long enough to tell`(
        total: UInt64, stolen: UInt64, share: Double
    ) throws {
        let earlier = try #require(CoreTicks("cpu0 0 0 0 100 0 0 0 10", cores: [0]))
        let text = "cpu0 0 0 0 \(100 + total - stolen) 0 0 0 \(10 + stolen)"
        let later = try #require(CoreTicks(text, cores: [0]))
        #expect(later.stolenShare(since: earlier) == share)
        #expect(earlier.stolenShare(since: later) == 0)
    }

    @Test func `a process tree begins with the process, and takes time and memory`() {
        let id = ProcessIdentity.own
        #expect(ProcessTree.members(of: id).first == id)
        #expect(ProcessTree.processorTime(of: id) > 0)
        #expect(ProcessTree.peakMemory(of: id) > 1 << 20)
    }

    @Test func `a child is in the tree of its parent, with its children`() throws {
        // The shell is a child of ours, and what it starts is one of its own.
        var shell = try Syscalls.ChildProcess(
            "/bin/sh", ["-c", "sleep 60 & echo $!; wait"], output: .pipe)
        let deadline = MonotonicClock.now() + 10_000_000_000
        guard case .line(let text) = try shell.nextLine(until: deadline),
            let grandchild = Int32(text)
        else {
            Issue.record("the shell says nothing")
            return
        }
        #expect(ProcessTree.members(of: shell.id) == [shell.id, grandchild])
        #expect(ProcessTree.members(of: ProcessIdentity.own).contains(grandchild))
        let descendants = ProcessTree.descendants(of: shell.id)
        #expect(descendants.map(\.id) == [grandchild])
        // A number that is used again is another process.
        ProcessTree.kill(descendants.map { .init(id: $0.id, startTicks: $0.startTicks + 1) })
        #expect(ProcessTree.descendants(of: shell.id) == descendants)
        // The shell ends when what it waits for does.
        ProcessTree.kill(descendants)
        #expect(try shell.wait(until: MonotonicClock.now() + 10_000_000_000) != nil)
    }
}
