internal import Glibc
internal import Syscalls

/// What a server takes of the machine: its process and all descendants.
///
/// Accuracy. A process's clock is exact for threads that wait, and for one that runs on another core
/// at that moment up to the kernel's last tick, 1 to 4 ms. Servers are held to one core, so that is
/// the error of a reading: 0.2 % of a round of 2 s that uses its core fully, with the same sign for
/// every engine. What a descendant used that has ended before the reading is not counted: servers
/// that are measured here fork at their start.
enum ProcessTree {
    /// A process that no later one can be mistaken for, though numbers are used again.
    struct Member: Equatable, Sendable {
        let id: Int32
        let startTicks: UInt64
    }

    /// Descendants beyond this are not looked at: a reading has to be short.
    private static let maximumCount = 256
    private static let maximumTextByteCount = 1 << 20

    /// A process and all descendants, itself first.
    static func members(of id: Int32) -> [Int32] {
        var members = [id]
        var index = 0
        while index < members.count, members.count < maximumCount {
            members += children(of: members[index])
            index += 1
        }
        return members
    }

    /// What a process has started, and what that has, and so on.
    static func descendants(of id: Int32) -> [Member] {
        members(of: id).dropFirst().compactMap { id in
            startTicks(of: id).map { Member(id: id, startTicks: $0) }
        }
    }

    /// Kills those that still run. A server that ends, or is killed, may leave its workers behind.
    static func kill(_ members: [Member]) {
        for member in members where startTicks(of: member.id) == member.startTicks {
            _ = Glibc.kill(member.id, SIGKILL)
        }
    }

    private static func startTicks(of id: Int32) -> UInt64? {
        text(of: "/proc/\(id)/stat").flatMap(ProcessText.startTicks)
    }

    /// Processor time in nanoseconds.
    static func processorTime(of id: Int32) -> UInt64 {
        // Who has ended meanwhile has no clock any more.
        members(of: id).reduce(0) { $0 + ((try? ProcessCPUClock.now(ofProcess: $1)) ?? 0) }
    }

    /// The most memory that each had, added: pages that they share are in it more than once.
    static func peakMemory(of id: Int32) -> UInt64 {
        members(of: id).reduce(0) { sum, id in
            let text = text(of: "/proc/\(id)/status") ?? ""
            return sum + (ProcessText.byteCount("VmHWM", inStatus: text) ?? 0)
        }
    }

    /// A small file as text; nil when it cannot be read.
    static func text(of path: String) -> String? {
        guard let bytes = try? WholeFile.read(path, maximumByteCount: maximumTextByteCount) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The children that all threads of a process have started. Kernels without
    /// CONFIG_PROC_CHILDREN tell of none.
    private static func children(of id: Int32) -> [Int32] {
        let threads = FileAccess.names(inFolder: "/proc/\(id)/task") ?? []
        return threads.flatMap { thread in
            ProcessText.numbers(text(of: "/proc/\(id)/task/\(thread)/children") ?? "")
        }
    }
}
