internal import Containers
internal import Synchronization
internal import Syscalls

/// The open connections of an engine, as any thread may read them: one row of numbers for each
/// place. The thread that works on a connection writes its row, a few plain stores behind each
/// flush.
///
/// A row may be read while it is written, or while its place goes to another connection; its number
/// is compared before and after, so that no row mixes two.
final class ConnectionDirectory: Sendable {
    private enum Column: Int, CaseIterable {
        /// 0: nobody is here.
        case number
        case descriptor
        case opened
        // These five change with every flush, and are written together.
        case state
        case lastActive
        case requestCount
        case receivedByteCount
        case sentByteCount
        case peerHigh
        case peerLow
        case peerDetails
    }

    // Computed, as constants that are stored are looked up.
    private static var columnCount: Int { 11 }
    private static var firstChangingColumn: Int { 3 }

    private let numbers: CounterArray
    private let placeCount: Int
    /// Where nobody is; for engines that have no places of their own.
    private let free: Mutex<[Int32]>

    init(placeCount: Int) {
        precondition(Self.columnCount == Column.allCases.count)
        precondition(Self.firstChangingColumn == Column.state.rawValue)
        self.placeCount = placeCount
        free = Mutex([])
        numbers = CounterArray(count: placeCount * Self.columnCount)
    }

    // MARK: Places

    /// Lets `takePlace` give out all places. Before the first connection.
    func beginGivingOut() {
        free.withLock { $0 = (0..<Int32(placeCount)).reversed() }
    }

    /// A free place.
    ///
    /// - Precondition: There is one: an engine has as many as connections.
    func takePlace() -> Int {
        free.withLock { Int($0.removeLast()) }
    }

    /// Closes the connection there, and gives the place back.
    func giveBack(_ place: Int) {
        close(place)
        free.withLock { $0.append(Int32(place)) }
    }

    // MARK: The thread of the connection

    /// A connection has come to this place.
    func open(
        _ place: Int, number: UInt64, peer: SocketAddress, descriptor: Int32, at now: Instant
    ) {
        let words = peer.words
        self[place, .state] = UInt64(EngineStatistics.ConnectionState.idle.rawValue)
        self[place, .descriptor] = UInt64(UInt32(bitPattern: descriptor))
        self[place, .opened] = now.nanoseconds
        self[place, .lastActive] = now.nanoseconds
        self[place, .requestCount] = 0
        self[place, .receivedByteCount] = 0
        self[place, .sentByteCount] = 0
        self[place, .peerHigh] = words.high
        self[place, .peerLow] = words.low
        self[place, .peerDetails] = words.details
        self[place, .number] = number
    }

    /// Something has happened to it.
    func update(
        _ place: Int, _ state: EngineStatistics.ConnectionState, at now: Instant,
        requestCount: Int, receivedByteCount: UInt64, sentByteCount: UInt64
    ) {
        numbers.store(
            UInt64(state.rawValue), now.nanoseconds, UInt64(truncatingIfNeeded: requestCount),
            receivedByteCount, sentByteCount,
            at: place * Self.columnCount + Self.firstChangingColumn)
    }

    /// The header of the PROXY protocol has said who is there.
    func setPeer(_ place: Int, _ peer: SocketAddress) {
        let words = peer.words
        self[place, .peerHigh] = words.high
        self[place, .peerLow] = words.low
        self[place, .peerDetails] = words.details
    }

    /// The connection has gone.
    func close(_ place: Int) {
        self[place, .number] = 0
    }

    private subscript(place: Int, column: Column) -> UInt64 {
        get { numbers[place * Self.columnCount + column.rawValue] }
        set { numbers[place * Self.columnCount + column.rawValue] = newValue }
    }

    // MARK: Any thread

    /// How many there are in each state. O(places).
    func countByState() -> [EngineStatistics.ConnectionState: Int] {
        var counts: [EngineStatistics.ConnectionState: Int] = [:]
        for state in EngineStatistics.ConnectionState.allCases { counts[state] = 0 }
        for place in 0..<placeCount where self[place, .number] != 0 {
            counts[state(of: place), default: 0] += 1
        }
        return counts
    }

    /// Those with the lowest places. O(places), one system call for each that is found.
    func connections(limit: Int) -> [EngineStatistics.ConnectionStatus] {
        var found: [EngineStatistics.ConnectionStatus] = []
        for place in 0..<placeCount {
            guard found.count < limit else { break }
            let number = self[place, .number]
            guard number != 0 else { continue }
            let descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: self[place, .descriptor]))
            let status = EngineStatistics.ConnectionStatus(
                number: number, peer: peer(of: place), state: state(of: place),
                opened: Instant(nanoseconds: self[place, .opened]),
                lastActive: Instant(nanoseconds: self[place, .lastActive]),
                requestCount: self[place, .requestCount],
                receivedByteCount: self[place, .receivedByteCount],
                sentByteCount: self[place, .sentByteCount],
                roundTripNanoseconds: Socket.roundTripTime(ofDescriptor: descriptor))
            // The place may be another's by now, and so may the descriptor.
            if self[place, .number] == number { found.append(status) }
        }
        return found
    }

    private func state(of place: Int) -> EngineStatistics.ConnectionState {
        EngineStatistics.ConnectionState(rawValue: UInt8(truncatingIfNeeded: self[place, .state]))
            ?? .idle
    }

    private func peer(of place: Int) -> SocketAddress {
        SocketAddress(
            words: (
                self[place, .peerHigh], self[place, .peerLow], self[place, .peerDetails]
            ))
    }
}
