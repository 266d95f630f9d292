internal import CLinux
internal import Glibc

// Files that go to sockets without passing through this process, and whether that would wait for a
// disk.

extension Socket {
    /// Sends from the front of `bytes`, as the other does; with `moreFollows` the kernel may keep
    /// them for a while, so that what comes next leaves in the same packet (MSG_MORE of send(2)).
    package static func send(
        _ bytes: Span<UInt8>, to descriptor: borrowing FileDescriptor, moreFollows: Bool
    ) throws(Errno) -> IOResult {
        precondition(!bytes.isEmpty)
        let count = SystemCall.send.allowedCount(bytes.count)
        let rawValue = descriptor.rawValue
        return try unsafe bytes.withUnsafeBufferPointer { bytes throws(Errno) in
            try SystemCall.send.performIO {
                // SAFETY: the span vouches for its bytes during the call.
                unsafe clinux_send_before(rawValue, bytes.baseAddress, count, moreFollows ? 1 : 0)
            }
        }
    }

    /// Sends bytes of a file; says how many went (sendfile(2)). `.endOfStream`: the file ends at or
    /// before `offset`, so it has become shorter.
    ///
    /// The file's position stays where it is, so several answers may be sent from one descriptor.
    /// Waits for the disk where the bytes are not in memory, whatever the socket's mode. A peer that
    /// is gone is EPIPE or ECONNRESET, and SIGPIPE besides, for which there is no flag here: the
    /// calling thread must have blocked it (`Signals.blockBrokenPipe`), or its process ignore it.
    ///
    /// - Parameter count: How many, at least 1; the kernel takes 2 GiB at most.
    package static func sendFile(
        _ file: borrowing FileDescriptor, from offset: Int, count: Int,
        to socket: borrowing FileDescriptor
    ) throws(Errno) -> IOResult {
        precondition(offset >= 0 && count > 0)
        let allowed = SystemCall.sendFile.allowedCount(count)
        let (source, target) = (file.rawValue, socket.rawValue)
        let result = try SystemCall.sendFile.performIO {
            clinux_sendfile(target, source, offset, allowed)
        }
        return result == .bytes(0) ? .endOfStream : result
    }
}

extension FileDescriptor {
    /// Bytes between two probes of `isCached`: far more would miss holes in what the kernel has read
    /// ahead, which it does by 128 KiB; far fewer would cost more than they find.
    private static let probeDistance = 65_536

    /// Appends what a file holds from `offset` on, as far as it is in memory (RWF_NOWAIT of
    /// preadv2(2)). `.wouldBlock`: nothing of it is; `.endOfStream`: the file ends there.
    ///
    /// - Parameter output: Must have room.
    /// - Returns: `nil` where kernel or file system cannot tell: any read may wait for the disk.
    package func readWithoutWaiting(
        at offset: Int, into output: inout OutputSpan<UInt8>
    ) throws(Errno) -> IOResult? {
        precondition(offset >= 0 && output.freeCapacity > 0)
        let rawValue = rawValue
        return try unsafe output.withUnsafeMutableBufferPointer {
            (bytes, initializedCount) throws(Errno) in
            // SAFETY: the room behind the initialised bytes belongs to the span, and we report how
            // much of it the kernel filled.
            let unused = UnsafeMutableRawBufferPointer(bytes.extracting(initializedCount...))
            let result = try unsafe Self.readWithoutWaiting(rawValue, at: offset, into: unused)
            if case .bytes(let count) = result { initializedCount += count }
            return result
        }
    }

    /// Whether all of the range is in memory, as far as one byte of every 64 KiB and the last one
    /// tell. Costs a system call for each. What cannot be known counts as in memory, and so do
    /// errors and the file's end, which the caller meets when it goes on.
    package func isCached(_ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0)
        guard !range.isEmpty else { return true }
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: Self.probeDistance) {
            guard isCached(at: offset) else { return false }
        }
        return isCached(at: range.upperBound - 1)
    }

    private func isCached(at offset: Int) -> Bool {
        var byte: UInt8 = 0
        let rawValue = rawValue
        return unsafe withUnsafeMutableBytes(of: &byte) { byte in
            // SAFETY: the byte is ours during the call.
            let result = try? unsafe Self.readWithoutWaiting(rawValue, at: offset, into: byte)
            return result != .wouldBlock
        }
    }

    /// The one preadv2(2). `bytes` must not be empty: a result of 0 is the end of the file.
    @unsafe
    private static func readWithoutWaiting(
        _ rawValue: Int32, at offset: Int, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> IOResult? {
        let count = SystemCall.read.allowedCount(bytes.count)
        do throws(Errno) {
            let result = try SystemCall.read.performIO {
                // SAFETY: the caller vouches for the memory; `count` is at most its size.
                unsafe clinux_pread_nowait(rawValue, bytes.baseAddress, count, offset)
            }
            return result == .bytes(0) ? .endOfStream : result
        } catch {
            guard error == .notSupported || error == .invalidArgument || error == .noSuchCall else {
                throw error
            }
            return nil
        }
    }
}

extension Errno {
    /// EOPNOTSUPP.
    package static var notSupported: Errno { Errno(rawValue: EOPNOTSUPP) }
    /// ENOSYS: the kernel lacks the call.
    package static var noSuchCall: Errno { Errno(rawValue: ENOSYS) }
}
