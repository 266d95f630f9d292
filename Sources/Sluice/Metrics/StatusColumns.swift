internal import Containers
internal import Synchronization

/// Which column of a route's counters a status is counted in: the first that nobody has, at its first
/// use. So statuses cost what is used of them, and are told exactly.
///
/// Limit: `count` − 1 different statuses, more than a server of any kind answers; those above are
/// counted together, and told as status 0.
final class StatusColumns: Sendable {
    static let count = 64

    /// By status: its column + 1; 0: it has none. Written under the lock alone, hence by one thread
    /// at a time.
    private let columns = CounterArray(count: 1_000)
    /// The statuses of the columns.
    private let assigned = Mutex<[UInt16]>([])

    /// The column of a status. Any thread; takes a lock when it is new.
    func column(of status: UInt16) -> Int {
        guard status < columns.count else { return Self.count - 1 }
        let column = Int(columns[Int(status)])
        return column > 0 ? column - 1 : assign(status)
    }

    /// The statuses so far, by column.
    var statuses: [UInt16] { assigned.withLock { $0 } }

    private func assign(_ status: UInt16) -> Int {
        assigned.withLock { assigned in
            if let column = assigned.firstIndex(of: status) { return column }
            guard assigned.count < Self.count - 1 else { return Self.count - 1 }
            assigned.append(status)
            columns[Int(status)] = UInt64(assigned.count)
            return assigned.count - 1
        }
    }
}
