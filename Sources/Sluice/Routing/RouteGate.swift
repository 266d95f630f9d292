internal import Synchronization

/// Lets a bounded number of requests in at the same time. Any thread.
final class RouteGate: Sendable {
    private let free: Atomic<Int>
    private let overloadStatus: Status

    init(capacity: Int, overloadStatus: Status) {
        free = Atomic(capacity)
        self.overloadStatus = overloadStatus
    }

    /// A place, which is free again when the permit is.
    ///
    /// - Throws: When there is none.
    func enter() throws(HTTPError) -> GatePermit {
        var count = free.load(ordering: .relaxed)
        while count > 0 {
            let result = free.compareExchange(
                expected: count, desired: count - 1, ordering: .acquiringAndReleasing)
            if result.exchanged { return GatePermit(self) }
            count = result.original
        }
        throw HTTPError(
            overloadStatus, code: "too_many_concurrent_requests",
            message: "too many requests are being answered here", fields: [("Retry-After", "1")])
    }

    fileprivate func leave() {
        free.add(1, ordering: .releasing)
    }
}

/// A place behind a gate, held as long as this object lives.
final class GatePermit: Sendable {
    private let gate: RouteGate

    fileprivate init(_ gate: RouteGate) {
        self.gate = gate
    }

    deinit {
        gate.leave()
    }
}
