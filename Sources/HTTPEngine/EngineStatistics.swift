internal import Synchronization
package import Syscalls

/// What an engine counts about itself: connections, bytes, errors, turns. Written by the engine's
/// threads without locks, read by any thread.
///
/// Each thread has numbers of its own; what is read is their sum, not all from one moment.
package final class EngineStatistics: Sendable {
    /// What is counted, by its place in a thread's numbers.
    package enum Counter: Int, CaseIterable, Sendable {
        /// Connections that were taken from the kernel.
        case acceptedConnections
        /// Of these, those beyond the limit, which only heard 503.
        case overflowConnections
        /// Connections that are closed again.
        case closedConnections
        /// Times that accepting had to pause because no descriptor or memory was left.
        case acceptPauses
        /// Bytes that were received and sent.
        case receivedBytes
        case sentBytes
        /// Requests that have begun, and exchanges that are over.
        case begunRequests
        case endedRequests
        /// Turns of the loop that had something to send or settle, and how long they took until
        /// their flush, in nanoseconds.
        case turns
        case turnNanoseconds
        /// The longest of them.
        case longestTurnNanoseconds
        /// Connections whose deadline the timer wheel holds.
        case timers
        /// Answers of tasks that are under way.
        case tasks
    }

    /// The upper bounds of the buckets of turn times, in nanoseconds; one more is above the last.
    package static let turnTimeBounds: [UInt64] = [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000, 100_000_000,
    ]

    /// The upper bounds of the buckets of pipeline depths: requests that one connection had begun
    /// in a turn; one more is above the last.
    package static let pipelineDepthBounds: [UInt64] = [1, 2, 4, 8, 16, 32, 64]

    /// Numbers of errors that are counted apart; those above count as the last.
    static let errorLimit = 136

    /// The sum of all threads.
    package struct Snapshot: Sendable {
        /// By `Counter`.
        package var counters: [UInt64]
        /// By `turnTimeBounds`; not cumulative.
        package var turnTimes: [UInt64]
        /// By `pipelineDepthBounds`; not cumulative.
        package var pipelineDepths: [UInt64]
        /// Errors of receiving and of sending, by errno's name, such as `ECONNRESET`; sorted.
        package var readErrors: [(name: String, count: UInt64)] {
            Self.byName(readErrorCounts)
        }
        package var writeErrors: [(name: String, count: UInt64)] {
            Self.byName(writeErrorCounts)
        }
        /// Open connections by what they do.
        package var connections: [ConnectionState: Int]
        /// By errno.
        var readErrorCounts = Array(repeating: UInt64(0), count: EngineStatistics.errorLimit)
        var writeErrorCounts = Array(repeating: UInt64(0), count: EngineStatistics.errorLimit)

        package subscript(counter: Counter) -> UInt64 { counters[counter.rawValue] }

        package var openConnections: Int { connections.values.reduce(0, +) }

        private static func byName(_ counts: [UInt64]) -> [(name: String, count: UInt64)] {
            counts.indices.filter { counts[$0] > 0 }
                .map { (Errno(rawValue: Int32($0)).name, counts[$0]) }
                .sorted { $0.name < $1.name }
        }
    }

    /// What a connection does.
    package enum ConnectionState: UInt8, Sendable, CaseIterable {
        /// Between two requests.
        case idle
        /// A request is coming.
        case reading
        /// An answer is being made.
        case answering
        /// An answer is being taken by the client.
        case writing
        /// Our half is closed.
        case closing
        /// Beyond the limit; only hears 503.
        case refused
    }

    /// One open connection, as a table shows it.
    package struct ConnectionStatus: Sendable {
        /// Its number in this server, from 1.
        package var number: UInt64
        package var peer: SocketAddress
        package var state: ConnectionState
        package var opened: Instant
        /// When something last happened to it.
        package var lastActive: Instant
        package var requestCount: UInt64
        package var receivedByteCount: UInt64
        package var sentByteCount: UInt64
        /// The kernel's smoothed round-trip time in nanoseconds (`TCP_INFO`, tcp(7)); `nil` where it
        /// has none.
        package var roundTripNanoseconds: UInt64?
    }

    /// Threads that serve, those included that only refuse.
    package let threadCount: Int

    /// When the engine was made.
    package let start: Instant

    private let threads: [ThreadStatistics]
    let directory: ConnectionDirectory
    private let latestNumber = Atomic<UInt64>(0)

    package init(threadCount: Int, connectionCount: Int) {
        self.threadCount = threadCount
        start = MonotonicClock.now()
        threads = (0..<threadCount).map { _ in ThreadStatistics() }
        directory = ConnectionDirectory(placeCount: connectionCount)
    }

    /// The numbers of one thread.
    func thread(_ index: Int) -> ThreadStatistics { threads[index] }

    /// The next connection's number.
    func nextNumber() -> UInt64 {
        latestNumber.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// All numbers. Any thread; O(threads + places for connections): some microseconds for each
    /// thousand of them.
    package func snapshot() -> Snapshot {
        var snapshot = Snapshot(
            counters: Array(repeating: 0, count: Counter.allCases.count),
            turnTimes: Array(repeating: 0, count: Self.turnTimeBounds.count + 1),
            pipelineDepths: Array(repeating: 0, count: Self.pipelineDepthBounds.count + 1),
            connections: directory.countByState())
        for thread in threads { thread.add(to: &snapshot) }
        return snapshot
    }

    /// The open connections with the lowest places, at most so many. Any thread; one system call
    /// for each.
    package func connections(limit: Int) -> [ConnectionStatus] {
        directory.connections(limit: limit)
    }
}
