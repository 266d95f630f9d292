internal import CLinux
internal import Glibc

/// One thread of this process, as the kernel tells of it (proc_pid_task(5)).
package struct ThreadStatus: Sendable, Equatable {
    /// Its number, as top(1) and debuggers show it.
    package let id: Int
    /// Up to 15 bytes.
    package let name: String
    /// A letter: R runs, S sleeps, D waits for a disk, and so on (proc_pid_stat(5)).
    package let state: String
    /// Processor time in seconds, outside and inside of the kernel; in ticks, mostly of 10 ms.
    package let userSeconds: Double
    package let systemSeconds: Double
    /// Where it ran last.
    package let processor: Int

    /// Reads a `stat` of proc_pid_stat(5); `nil` for anything else. The name may hold any byte but
    /// NUL, so the last parenthesis ends it.
    init?(stat text: String, ticksPerSecond: Double) {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"),
            open < close,
            let id = Int(text[..<open].filter { $0 != " " })
        else { return nil }
        let fields = text[text.index(after: close)...].split(whereSeparator: \.isWhitespace)
        // The state is the third field of all, the two times are the 14th and the 15th, the
        // processor is the 39th.
        guard fields.count > 36, let user = Double(fields[11]), let system = Double(fields[12]),
            let processor = Int(fields[36])
        else { return nil }
        self.id = id
        name = String(text[text.index(after: open)..<close])
        state = String(fields[0])
        userSeconds = user / ticksPerSecond
        systemSeconds = system / ticksPerSecond
        self.processor = processor
    }
}

/// The threads of this process.
package enum ProcessThreads {
    /// The threads with the lowest numbers, at most so many. Blocking: three system calls for each.
    /// A thread that ends meanwhile is left out.
    package static func all(limit: Int) throws(Errno) -> [ThreadStatus] {
        let path = "/proc/self/task"
        let listing = try Folder(path).entries(beneath: [UInt8]().span, limit: limit)
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let ids = listing.entries.compactMap { Int(String(decoding: $0.name, as: UTF8.self)) }
        return ids.sorted().compactMap { id in
            guard
                let bytes = try? WholeFile.read("\(path)/\(id)/stat", maximumByteCount: 4_096)
            else { return nil }
            return ThreadStatus(
                stat: String(decoding: bytes, as: UTF8.self), ticksPerSecond: ticks)
        }
    }
}
