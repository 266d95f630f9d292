internal import Synchronization
internal import Syscalls

/// Names that do not come twice, out of the kernel's random bytes. Any thread.
final class IDSource: Sendable {
    /// Random bytes that are fetched at a time: a system call for 256 names.
    static let poolByteCount = 4_096

    fileprivate struct State {
        var pool = [UInt8](repeating: 0, count: IDSource.poolByteCount)
        /// What is left begins here.
        var next = IDSource.poolByteCount
        /// The latest ULID.
        var lastULID: UInt128 = 0
    }

    private let state = Mutex(State())
    private let milliseconds: @Sendable () -> UInt64

    /// - Parameter milliseconds: The time since 1970.
    init(milliseconds: @escaping @Sendable () -> UInt64 = IDSource.wallClock) {
        self.milliseconds = milliseconds
    }

    /// 128 random bits.
    func random128() -> UInt128 {
        state.withLock { $0.take() }
    }

    /// 128 random bits, not all 0: the name of a trace (W3C Trace Context §3.2.2.3).
    func traceID() -> UInt128 {
        let bits = random128()
        return bits == 0 ? 1 : bits
    }

    /// 64 random bits, not all 0: the name of a span.
    func spanID() -> UInt64 {
        let bits = UInt64(truncatingIfNeeded: random128())
        return bits == 0 ? 1 : bits
    }

    /// A UUID of version 4 (RFC 9562 §5.4).
    func uuid() -> UInt128 {
        let version: UInt128 = 0xF000 << 64
        let variant: UInt128 = 3 << 62
        return random128() & ~(version | variant) | 0x4000 << 64 | 2 << 62
    }

    /// A ULID: 48 bits of milliseconds since 1970, then 80 random ones. Each is greater than the one
    /// before: within a millisecond, and when the clock has gone back, by 1.
    func ulid() -> UInt128 {
        let time = UInt128(milliseconds() & (1 << 48 - 1)) << 80
        return state.withLock { state in
            if time > state.lastULID {
                state.lastULID = time | state.take() & (1 << 80 - 1)
            } else {
                // From the greatest random part of a millisecond on into the next one.
                state.lastULID &+= 1
            }
            return state.lastULID
        }
    }

    @Sendable private static func wallClock() -> UInt64 {
        let now = WallClock.now()
        return UInt64(max(0, now.seconds)) * 1_000 + UInt64(now.nanoseconds / 1_000_000)
    }
}

extension IDSource.State {
    fileprivate mutating func take() -> UInt128 {
        if next + 16 > pool.count {
            KernelRandom.fill(&pool)
            next = 0
        }
        var bits: UInt128 = 0
        for index in next..<(next + 16) { bits = bits << 8 | UInt128(pool[index]) }
        next += 16
        return bits
    }
}
