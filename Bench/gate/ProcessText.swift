// What the kernel writes in /proc and /sys (proc(5)), read. Pure.

/// Texts of the kernel about processes and the machine.
enum ProcessText {
    /// Numbers between blanks, as `/proc/PID/task/TID/children` has them.
    static func numbers(_ text: String) -> [Int32] {
        text.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
    }

    /// A value of `/proc/PID/status` that is given in kB, in bytes: `VmHWM:     4096 kB`.
    static func byteCount(_ name: String, inStatus text: String) -> UInt64? {
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 3, words[2] == "kB", let count = UInt64(words[1]) else {
                return nil
            }
            return count * 1_024
        }
        return nil
    }

    /// When a process began, in clock ticks since the machine did: field 22 of `/proc/PID/stat`. Its
    /// second field is the program's name, which may hold anything.
    static func startTicks(inStat text: String) -> UInt64? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    /// The first number of `/proc/loadavg`.
    static func loadAverage(_ text: String) -> Double? {
        text.split(separator: " ").first.flatMap { Double($0) }
    }

    /// The processor's name in `/proc/cpuinfo`; machines that are not x86 may have none.
    static func processorName(_ text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix("model name") {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return line[line.index(after: colon)...].split(separator: " ").joined(separator: " ")
        }
        return nil
    }

    /// A list of cores as /sys has it: `0-2,5`.
    static func coreList(_ text: String) -> [Int] {
        let trimmed = text.prefix { !$0.isWhitespace }
        return trimmed.split(separator: ",").flatMap { part -> [Int] in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }
    }
}

/// What some cores have done since the machine started, in clock ticks (`/proc/stat`).
struct CoreTicks: Equatable, Sendable {
    /// All ticks.
    var total: UInt64 = 0
    /// Ticks that the hypervisor gave to other machines.
    var stolen: UInt64 = 0

    /// The sums over `cores` in the text of `/proc/stat`; nil when a core is missing there.
    init?(_ text: String, cores: [Int]) {
        var found = 0
        for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
            let words = line.split(separator: " ")
            guard let core = Int(words[0].dropFirst(3)), cores.contains(core) else { continue }
            // user nice system idle iowait irq softirq steal; guest time is part of user time.
            let ticks = words.dropFirst().prefix(8).compactMap { UInt64($0) }
            guard ticks.count == 8 else { return nil }
            total += ticks.reduce(0, +)
            stolen += ticks[7]
            found += 1
        }
        guard found == Set(cores).count else { return nil }
    }

    /// Fewer ticks tell nothing: a tick may stand for a moment, and one of a few is many per cent.
    private static let minimumCount: UInt64 = 100

    /// The share of the ticks since `earlier` that were stolen; 0 when that is too short to tell.
    func stolenShare(since earlier: CoreTicks) -> Double {
        // Some kernels let a counter run backwards by a tick.
        guard total >= earlier.total + Self.minimumCount, stolen > earlier.stolen else { return 0 }
        return Double(stolen - earlier.stolen) / Double(total - earlier.total)
    }
}
