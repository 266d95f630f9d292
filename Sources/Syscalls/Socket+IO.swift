internal import CLinux
internal import Glibc

// Moving bytes. These are the calls of the hot path: no allocation, no error value built unless
// there is an error.

extension Socket {
    /// Appends what has arrived to `output`, which must have room (recv(2)).
    package static func receive(
        from descriptor: borrowing FileDescriptor, into output: inout OutputSpan<UInt8>
    ) throws(Errno) -> IOResult {
        let rawValue = descriptor.rawValue
        return try unsafe output.withUnsafeMutableBufferPointer {
            (bytes, initializedCount) throws(Errno) in
            // SAFETY: the room behind the initialised bytes belongs to the span, and we report how
            // much of it the kernel filled.
            let unused = bytes.extracting(initializedCount...)
            let result = try unsafe receive(rawValue, into: UnsafeMutableRawBufferPointer(unused))
            if case .bytes(let count) = result { initializedCount += count }
            return result
        }
    }

    /// Sends from the front of `bytes`, which must not be empty; says how many went (send(2)).
    /// A peer that is gone is EPIPE or ECONNRESET, never a signal.
    package static func send(
        _ bytes: Span<UInt8>, to descriptor: borrowing FileDescriptor
    ) throws(Errno) -> IOResult {
        precondition(!bytes.isEmpty)
        let count = SystemCall.send.allowedCount(bytes.count)
        let rawValue = descriptor.rawValue
        return try unsafe bytes.withUnsafeBufferPointer { bytes throws(Errno) in
            try SystemCall.send.performIO {
                // SAFETY: the span vouches for its bytes during the call.
                unsafe clinux_send(rawValue, bytes.baseAddress, count)
            }
        }
    }

    /// Sends from the front of two runs of bytes as if they were one (sendmsg(2)): a head and a
    /// body from different places need no copy. Not both may be empty.
    package static func send(
        first: Span<UInt8>, second: Span<UInt8>, to descriptor: borrowing FileDescriptor
    ) throws(Errno) -> IOResult {
        precondition(!first.isEmpty || !second.isEmpty)
        let total = first.count + second.count
        let allowed = SystemCall.send.allowedCount(total)
        let firstCount = min(first.count, allowed)
        let rawValue = descriptor.rawValue
        return try unsafe first.withUnsafeBufferPointer { first throws(Errno) in
            try unsafe second.withUnsafeBufferPointer { second throws(Errno) in
                // SAFETY: the spans vouch for their bytes during the call; sendmsg(2) only reads,
                // though its structures are declared mutable.
                var vectors = unsafe (
                    iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress),
                        iov_len: firstCount),
                    iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress),
                        iov_len: allowed - firstCount)
                )
                return try unsafe withUnsafeMutablePointer(to: &vectors) {
                    vectors throws(Errno) in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = UnsafeMutableRawPointer(vectors)
                        .assumingMemoryBound(to: iovec.self)
                    unsafe message.msg_iovlen = 2
                    return try SystemCall.send.performIO {
                        unsafe sendmsg(rawValue, &message, Int32(MSG_NOSIGNAL))
                    }
                }
            }
        }
    }

    /// The one recv(2). `bytes` must not be empty: a result of 0 is the end of the stream.
    @unsafe
    static func receive(
        _ rawValue: Int32, into bytes: UnsafeMutableRawBufferPointer, flags: Int32 = 0
    ) throws(Errno) -> IOResult {
        precondition(bytes.count > 0)
        let count = SystemCall.receive.allowedCount(bytes.count)
        let result = try SystemCall.receive.performIO {
            // SAFETY: the caller vouches for the memory; `count` is at most its size.
            unsafe clinux_recv(rawValue, bytes.baseAddress, count, flags)
        }
        return result == .bytes(0) ? .endOfStream : result
    }
}
