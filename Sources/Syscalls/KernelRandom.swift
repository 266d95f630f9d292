internal import CLinux

/// Random bytes that nobody can foretell, from the kernel (getrandom(2)).
package enum KernelRandom {
    /// Fills an array. One system call for some thousand bytes, so who needs few of them often
    /// takes many at once. Waits only while a machine that has just started has none.
    package static func fill(_ bytes: inout [UInt8]) {
        var start = 0
        while start < bytes.count {
            let (offset, count) = (start, bytes.count - start)
            let filled = unsafe bytes.withUnsafeMutableBytes { bytes in
                try? SystemCall.other.perform {
                    // SAFETY: the kernel writes at most `count` bytes, which lie behind `offset`.
                    unsafe getrandom(bytes.baseAddress! + offset, count, 0)
                }
            }
            guard let filled else { preconditionFailure("every Linux since 3.17 has random bytes") }
            // An interrupted call may have filled fewer.
            start += filled
        }
    }
}
