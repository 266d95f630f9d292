package import Syscalls

/// Every bound of one server: what may be held, how long may be waited, and what happens at it.
///
/// Times are in nanoseconds; 0 means "no limit" where the text says so. The defaults are those of
/// the executable.
package struct Limits: Sendable {
    // MARK: Connections

    /// Connections that are served at the same time. The next ones are told 503 from
    /// `overflowConnections` reserved places; beyond those, accepting waits in the kernel's backlog.
    package var maxConnections = 10_000

    /// Reserved places for connections beyond `maxConnections`. Few, because they exist only to say
    /// no; enough that a burst hears it.
    package var overflowConnections = 32

    /// How long a connection in a reserved place may take until its head is complete. Then it hears
    /// 503 without having asked.
    package var overflowPatience: UInt64 = 1_000_000_000

    /// Connections that one turn accepts at most, so that a flood of them does not starve the
    /// connections that are there.
    package var acceptsPerTurn = 64

    /// Requests that one connection gets handled in one turn at most, so that a pipelining peer
    /// does not starve the others. The rest goes on in the next turn.
    package var requestsPerTurn = 256

    /// Requests that a worker of the thread pool serves on one connection, while others wait, before
    /// it goes to the queue's tail. Enough that taking a connection up costs little beside them.
    package var requestsPerVisit = 64

    /// How long a worker of the thread pool waits for the next request of its connection while
    /// others wait. A client that does not pause answers within it.
    package var shortWait: UInt64 = 1_000_000

    /// How long it may take at most until the thread pool has looked at each waiting connection
    /// once, while nobody sends anything: it sets how much longer than `shortWait` the waits may
    /// become, so that many idle connections cost little processor time.
    package var idleLap: UInt64 = 500_000_000

    /// Requests on one connection before the server closes it; 0: no limit.
    package var maxKeepAliveRequests = 10_000

    /// Exchanges that have begun and not yet left, on one connection. At the limit the connection is
    /// not read until the first of them has left.
    package var maxPipelinedRequests = 64

    // MARK: Messages

    /// Bytes of request line and field lines; beyond: 431.
    package var maxHeaderBytes = 16_384

    /// Bytes of a body, decoded; beyond: 413.
    package var maxBodyBytes = 1_048_576

    /// Bytes of a request target; beyond: 414.
    package var maxTargetLength = 8_192

    /// Unsent bytes of one connection at which no further request of it is begun and reading pauses.
    package var highWatermark = 65_536

    /// Unsent bytes at which it resumes.
    package var lowWatermark = 16_384

    /// Bytes of a file that one connection is sent in one turn at most, so that others come in
    /// between: less than a fifth of a millisecond's work. A file of 1 MiB cost the server 176 µs
    /// with this window, 208 µs with half of it and 352 µs with a quarter.
    package var fileWindow = 1_048_576

    /// The same where the loop itself has to wait for the disk, because nobody else reads for it.
    package var coldFileWindow = 65_536

    // MARK: Proxies

    /// Who is believed about whom it speaks for: in `Forwarded`, `X-Forwarded-*`, and in the PROXY
    /// protocol, in which nobody else may connect unless this is empty.
    package var trustedProxies: [AddressRange] = []

    // MARK: Times

    /// Between two requests, and before the first; then a silent close. 0: no limit.
    package var keepAliveTimeout: UInt64 = 10_000_000_000

    /// From the first byte of a head to its last; then 408. 0: no limit.
    package var headerTimeout: UInt64 = 10_000_000_000

    /// From the head to the body's last byte, extended by `minTransferRate`; then 408. 0: no limit.
    package var bodyTimeout: UInt64 = 30_000_000_000

    /// For an answer to be taken by the client, extended by `minTransferRate`; then the connection
    /// is reset. Time in which there is nothing to send does not count. 0: no limit.
    package var writeTimeout: UInt64 = 30_000_000_000

    /// How long a client that has closed its half is believed to wait for an answer that a task has
    /// yet to give. Then the task is cancelled: nearly always the client has gone. What it answers
    /// nevertheless is sent.
    package var halfCloseGrace: UInt64 = 1_000_000_000

    /// Bytes that earn a transfer one more second of body or write timeout. 0: no minimum rate;
    /// the two timeouts then run from the last progress.
    package var minTransferRate = 1_024

    /// How long a drain may take before what is left is closed. 0: no limit.
    package var drainTimeout: UInt64 = 5_000_000_000

    /// How long an idle connection can still hear 503 after a drain began, for requests that were
    /// on their way. Longer than a round trip around the world.
    package var drainGrace: UInt64 = 1_000_000_000

    /// How long a connection is read and dropped after our half was closed, so that the peer reads
    /// our last answer and not a reset (RFC 9112 §9.6).
    package var lingerTimeout: UInt64 = 2_000_000_000

    /// The same while the server drains: shorter, because the process waits for it.
    package var drainLingerTimeout: UInt64 = 500_000_000

    /// Bytes that are dropped at most while lingering: a client that reads the answer only after it
    /// has sent a whole large body still reads it.
    package var lingerBytes = 67_108_864

    /// What `Retry-After` says, in seconds, when the server is full or draining (RFC 9110 §10.2.3).
    package var retryAfterSeconds = 2

    /// How long accepting pauses when the process or the system has no descriptor left.
    package var acceptBackoff: UInt64 = 100_000_000

    package init() {}

    /// Sets how long a drain may take, and holds the patience with idle connections to a quarter of
    /// it each, so that a client that only does nothing never makes a drain a forced one.
    package mutating func setDrainTimeout(_ nanoseconds: UInt64) {
        drainTimeout = nanoseconds
        guard nanoseconds > 0 else { return }
        drainGrace = min(drainGrace, nanoseconds / 4)
        drainLingerTimeout = min(drainLingerTimeout, nanoseconds / 4)
    }
}

/// A transfer's time limit: a fixed allowance plus one second for each `minTransferRate` bytes.
///
/// A slow drip ends and a large transfer does not. Pure arithmetic; saturates instead of wrapping.
struct TransferTime {
    let allowance: UInt64
    let minRate: Int

    /// The instant at which a transfer has taken too long, or `nil` when there is no limit.
    ///
    /// - Parameters:
    ///   - start: When its time began to count.
    ///   - lastProgress: When its latest bytes moved; counts instead of `start` without a minimum
    ///     rate.
    ///   - byteCount: How many bytes have moved.
    func deadline(start: Instant, lastProgress: Instant, byteCount: Int) -> Instant? {
        guard allowance > 0 else { return nil }
        guard minRate > 0 else { return lastProgress + allowance }
        let earned = Double(byteCount) / Double(minRate) * 1e9
        let total = earned < 1e18 ? allowance &+ UInt64(earned) : UInt64(1e18)
        return start + total
    }
}
