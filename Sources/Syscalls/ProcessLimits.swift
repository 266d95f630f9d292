internal import Glibc

/// Limits that the kernel sets for this process (getrlimit(2)).
package enum ProcessLimits {
    /// How many file descriptors may be open: `soft` is in force, `hard` is how far it may be
    /// raised.
    package static func openFiles() throws(Errno) -> (soft: UInt64, hard: UInt64) {
        let limit = try openFileLimit()
        return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }

    /// Raises the soft limit to `wanted`, or to the hard limit if that is lower; never lowers it.
    /// Returns what is in force then.
    @discardableResult
    package static func raiseOpenFiles(to wanted: UInt64) throws(Errno) -> UInt64 {
        var limit = try openFileLimit()
        let target = min(rlim_t(wanted), limit.rlim_max)
        guard target > limit.rlim_cur else { return UInt64(limit.rlim_cur) }
        limit.rlim_cur = target
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel reads one structure.
            unsafe setrlimit(openFilesResource, &limit)
        }
        return UInt64(target)
    }

    private static var openFilesResource: __rlimit_resource_t {
        __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    }

    private static func openFileLimit() throws(Errno) -> rlimit {
        var limit = rlimit()
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel writes one structure.
            unsafe getrlimit(openFilesResource, &limit)
        }
        return limit
    }
}
