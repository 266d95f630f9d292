internal import Containers

/// Work that waits for a thread of an `OffloadPool`, in its order.
///
/// A ring, whose places are freed in order. What is cancelled leaves an empty place behind, so that
/// no other has to move; the ring has twice as many places as jobs may wait, and is rebuilt without
/// the empty ones when all are taken, so that each cancelled job is paid for once.
struct OffloadQueue: ~Copyable, Sendable {
    /// Work and what becomes of it.
    struct Job: Sendable {
        /// Does the work, and returns what tells its result to the task that waits.
        let run: @Sendable () -> @Sendable () -> Void
        /// Tells the task that the work will not be done.
        let refuse: @Sendable (any Error) -> Void
    }

    /// Names a job that waits: higher than all before it.
    typealias ID = UInt64

    /// Not private, for the compiler: docs/WORKAROUNDS.md.
    struct Place: Sendable {
        let id: ID
        /// `nil`: cancelled.
        var job: Job?
    }

    /// Jobs that wait. Invariant: so many places of the ring hold one.
    private(set) var count = 0
    private var nextID: ID = 0
    /// Invariant: the ids rise from front to back.
    private var places: Ring<Place>

    /// An empty queue in which usually at most `count` jobs wait.
    init(expecting count: Int) {
        places = Ring(capacity: 2 * max(count, 1))
    }

    /// Adds a job at the back. O(1), spread over all calls.
    mutating func append(_ job: Job) -> ID {
        if places.isFull { rebuild() }
        let id = nextID
        nextID += 1
        places.append(Place(id: id, job: job))
        count += 1
        return id
    }

    /// Takes the job that has waited longest.
    mutating func popFirst() -> Job? {
        while let place = places.popFirst() {
            guard let job = place.job else { continue }
            count -= 1
            return job
        }
        return nil
    }

    /// Takes a job out, wherever it is; `nil` when it waits no more. O(log n).
    mutating func remove(_ id: ID) -> Job? {
        var range = 0..<places.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let found = places[middle].id
            if found == id {
                guard let job = places[middle].job.take() else { return nil }
                count -= 1
                return job
            }
            range = found < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// A ring without the empty places; larger, when more than half of them are taken.
    private mutating func rebuild() {
        let capacity = count > places.capacity / 2 ? 2 * count : places.capacity
        var rebuilt = Ring<Place>(capacity: capacity)
        while let place = places.popFirst() {
            if place.job != nil { rebuilt.append(place) }
        }
        places = rebuilt
    }
}
