internal import Glibc

/// Where a program writes what people or logs read.
package enum StandardStream: Int32, Sendable {
    /// Descriptor 1.
    case output = 1
    /// Descriptor 2.
    case error = 2
}

/// Complete, unbuffered writes. A short write is gone on with; a full pipe is waited for, even if
/// whoever gave us the descriptor made it non-blocking. A program that uses this ignores SIGPIPE.
package enum Output {
    /// Writes all of `text`, as UTF-8.
    package static func write(_ text: String, to stream: StandardStream) throws(Errno) {
        try write(text.utf8.span, to: stream)
    }

    /// Writes text for whoever may be reading. Nobody can be told when that fails, so it is silent.
    package static func print(_ text: String, to stream: StandardStream) {
        try? write(text, to: stream)
    }

    /// Writes all of `bytes`.
    package static func write(_ bytes: Span<UInt8>, to stream: StandardStream) throws(Errno) {
        try write(bytes, toRaw: stream.rawValue)
    }

    /// Writes all of `bytes`.
    package static func write(
        _ bytes: Span<UInt8>, to descriptor: borrowing FileDescriptor
    ) throws(Errno) {
        try write(bytes, toRaw: descriptor.rawValue)
    }

    /// Whether people read this (isatty(3)), so that colours and progress make sense.
    package static func isTerminal(_ stream: StandardStream) -> Bool {
        isatty(stream.rawValue) == 1
    }

    private static func write(_ bytes: Span<UInt8>, toRaw rawValue: Int32) throws(Errno) {
        var rest = bytes
        while !rest.isEmpty {
            switch try writeOnce(rest, toRaw: rawValue) {
            case .bytes(let count): rest = rest.extracting(count...)
            case .wouldBlock: try waitUntilWritable(rawValue)
            case .endOfStream: preconditionFailure("only reads end")
            }
        }
    }

    private static func writeOnce(
        _ bytes: Span<UInt8>, toRaw rawValue: Int32
    ) throws(Errno) -> IOResult {
        let count = SystemCall.write.allowedCount(bytes.count)
        return try unsafe bytes.withUnsafeBufferPointer { bytes throws(Errno) in
            try SystemCall.write.performIO {
                // SAFETY: the span vouches for its bytes during the call.
                unsafe Glibc.write(rawValue, bytes.baseAddress, count)
            }
        }
    }

    private static func waitUntilWritable(_ rawValue: Int32) throws(Errno) {
        var request = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        _ = try SystemCall.other.perform {
            // SAFETY: poll(2) reads and writes one request.
            unsafe poll(&request, 1, -1)
        }
    }
}
