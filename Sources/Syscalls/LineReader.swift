internal import Glibc

/// Reads a pipe line by line, with a time limit for each wait. For what programs say to each other
/// a few times a second, not for data.
struct LineReader: ~Copyable, Sendable {
    /// The longest line; what is longer comes in pieces of this length.
    static let maximumLineByteCount = 65_536
    /// How much is kept for a reader who is not there. What comes beyond that is dropped, so that
    /// the writer never waits for us.
    static let maximumKeptByteCount = 1_048_576

    private let descriptor: FileDescriptor
    /// What was read; not yet handed out is what lies behind `start`.
    private var bytes: [UInt8] = []
    private var start = 0
    /// Between `start` and here there is no line feed.
    private var searched = 0
    private var hasEnded = false

    /// Reads from the end of a pipe.
    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    /// What to ask poll(2) for news; nothing after the end.
    var pollRequest: pollfd {
        hasEnded ? .none : pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
    }

    /// The next line.
    mutating func next(until deadline: Instant) throws(Errno) -> ChildLine {
        while true {
            if let line = takeLine() { return .line(line) }
            if hasEnded {
                return start == bytes.count ? .endOfStream : .line(take(until: bytes.count))
            }
            var requests = [pollRequest]
            guard try Poll.wait(for: &requests, until: deadline) else { return .timedOut }
            try fill()
        }
    }

    /// Reads once. poll(2) must have said that there is something.
    mutating func fill() throws(Errno) {
        var chunk = [UInt8](repeating: 0, count: 4_096)
        let size = chunk.count
        let rawValue = descriptor.rawValue
        let count = try SystemCall.other.perform {
            // SAFETY: the kernel writes at most the chunk's size.
            unsafe read(rawValue, &chunk, size)
        }
        hasEnded = count == 0
        bytes.removeFirst(start)
        searched -= start
        start = 0
        bytes += chunk[..<min(count, Self.maximumKeptByteCount - bytes.count)]
    }

    private mutating func takeLine() -> String? {
        let limit = start + Self.maximumLineByteCount
        if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")), end <= limit {
            let line = take(until: end)
            start += 1
            searched = start
            return line
        }
        searched = min(bytes.count, limit)
        return bytes.count > limit ? take(until: limit) : nil
    }

    private mutating func take(until end: Int) -> String {
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        start = end
        searched = end
        return text
    }
}

/// Waiting for descriptors by poll(2): for the few waits of a program that has no loop.
enum Poll {
    /// Waits until one of the requests is met, and writes into each what happened; false when the
    /// deadline comes first. A deadline in the past looks without waiting.
    static func wait(for requests: inout [pollfd], until deadline: Instant) throws(Errno) -> Bool {
        while true {
            let now = MonotonicClock.now().nanoseconds
            let left = deadline.nanoseconds > now ? deadline.nanoseconds - now : 0
            let timeout = Epoll.milliseconds(roundingUp: left)
            let count = nfds_t(requests.count)
            let met = try SystemCall.other.perform(interrupted: 0) {
                // SAFETY: poll(2) reads and writes as many requests as there are.
                unsafe poll(&requests, count, timeout)
            }
            if met > 0 { return true }
            if left == 0 { return false }
        }
    }
}

extension pollfd {
    /// A request that is never met: poll(2) skips what has a negative descriptor.
    static var none: pollfd { pollfd(fd: -1, events: 0, revents: 0) }
}
