internal import Glibc

/// A file that lines are appended to, or standard output. Blocking.
package struct LogFile: ~Copyable, Sendable {
    // nil: standard output, which is not ours to close.
    private let descriptor: FileDescriptor?

    /// Standard output.
    package static var standardOutput: LogFile { LogFile(descriptor: nil) }

    private init(descriptor: consuming FileDescriptor?) {
        self.descriptor = descriptor
    }

    /// Opens a file for appending, and makes it if there is none, for its user to write and for its
    /// group to read: logs tell who visits.
    package init(appendingTo path: String) throws(Errno) {
        descriptor = try FileDescriptor(appendingTo: path)
    }

    /// Appends some of the bytes, or all of them; whoever made the descriptor non-blocking may hear
    /// that it would block.
    package func append(_ bytes: Span<UInt8>) throws(Errno) -> IOResult {
        let rawValue = rawValue
        let count = SystemCall.write.allowedCount(bytes.count)
        return try unsafe bytes.withUnsafeBufferPointer { bytes throws(Errno) in
            try SystemCall.write.performIO {
                // SAFETY: the span vouches for its bytes during the call.
                unsafe Glibc.write(rawValue, bytes.baseAddress, count)
            }
        }
    }

    /// Waits until something can be appended, or the time is over (poll(2)).
    package func waitUntilWritable(milliseconds: Int32) throws(Errno) {
        var request = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        _ = try SystemCall.other.perform(interrupted: 0) {
            // SAFETY: poll(2) reads and writes one request.
            unsafe poll(&request, 1, milliseconds)
        }
    }

    private var rawValue: Int32 {
        switch descriptor {
        case .some(let descriptor): descriptor.rawValue
        case nil: StandardStream.output.rawValue
        }
    }
}
