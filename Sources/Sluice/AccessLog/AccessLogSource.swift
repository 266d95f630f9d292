internal import Containers
internal import Synchronization

/// What one thread hands to the writer of an access log.
final class AccessLogSource: Sendable {
    let ring: ByteRing
    private let makeSurroundings: @Sendable () -> AccessLogSurroundings
    private let madeSurroundings = Mutex<AccessLogSurroundings?>(nil)
    /// Lines that found no room, written by the producer.
    private let dropped = CounterArray(count: 1)
    private let endFlag = Atomic(false)

    /// - Parameter makeSurroundings: Called with the first exchange, when the server is complete.
    init(ring: ByteRing, _ makeSurroundings: @escaping @Sendable () -> AccessLogSurroundings) {
        self.ring = ring
        self.makeSurroundings = makeSurroundings
    }

    /// What its lines say that is the same for all of them.
    var surroundings: AccessLogSurroundings {
        madeSurroundings.withLock { made in
            if let made { return made }
            let surroundings = makeSurroundings()
            made = surroundings
            return surroundings
        }
    }

    /// Lines that found no room. Any thread.
    var droppedCount: UInt64 { dropped[0] }

    /// The producer only.
    func countDropped() {
        dropped.add(1, at: 0)
    }

    /// Nothing more comes. The producer, as its last.
    func end() {
        endFlag.store(true, ordering: .releasing)
    }

    /// Nothing more comes than what is in the ring.
    var hasEnded: Bool { endFlag.load(ordering: .acquiring) }
}
