internal import CLinux
internal import Glibc

/// Which processor cores a thread may run on (sched_setaffinity(2)).
package enum CPUAffinity {
    /// The cores that the calling thread may run on, in order; at least one.
    package static func allowedCores() throws(Errno) -> [Int] {
        var set = cpu_set_t()
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel writes at most the size of the set.
            unsafe sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set)
        }
        // SAFETY: each index is below the size of the set in bits.
        return (0..<clinux_cpu_limit()).filter { unsafe clinux_cpu_contains(&set, $0) != 0 }
            .map(Int.init)
    }

    /// Holds the calling thread to one core, which must be an allowed one.
    package static func pin(toCore core: Int) throws(Errno) {
        precondition(core >= 0 && core < Int(clinux_cpu_limit()), "no such core")
        var set = cpu_set_t()
        // SAFETY: the index is below the size of the set in bits.
        unsafe clinux_cpu_zero(&set)
        unsafe clinux_cpu_add(&set, Int32(core))
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel reads the size of the set.
            unsafe sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &set)
        }
    }
}
