internal import Synchronization

/// Files that have been asked for, by the path that asked: at most so many open ones, and so many
/// bytes in memory. Any thread; one lock, which is held for a look.
final class StaticCache: Sendable {
    private let table: Mutex<StaticTable>

    init(maxOpenFiles: Int, maxBytes: Int) {
        table = Mutex(StaticTable(maxOpenFiles: maxOpenFiles, maxBytes: maxBytes))
    }

    /// What a path stands for, if it is known. O(path); allocates nothing.
    ///
    /// - Parameter path: Behind the mount, as `StaticEntry.key`. What holds a `%` is not found: that
    ///   may stand for a byte that it does not spell.
    func find(_ path: Span<UInt8>) -> StaticEntry? {
        guard let hash = StaticTable.hash(ofPlain: path) else { return nil }
        return table.withLock { $0.find(path, hash) }
    }

    /// What a decoded path stands for, if it is known.
    func find(decoded path: [UInt8]) -> StaticEntry? {
        let hash = StaticTable.hash(of: path.span)
        return table.withLock { $0.find(path.span, hash) }
    }

    /// Keeps an entry, in place of one with its key; others go if there is no room.
    func insert(_ entry: StaticEntry) {
        let key = entry.key
        let hash = StaticTable.hash(of: key.span)
        // What goes is let go of outside of the lock: that may close files.
        let removed = table.withLock { $0.insert(entry, hash) }
        _ = removed
    }

    /// Forgets an entry, unless another has taken its place.
    func remove(_ entry: StaticEntry) {
        let key = entry.key
        let hash = StaticTable.hash(of: key.span)
        table.withLock { $0.remove(entry, hash) }
    }

    /// Entries, open files and bytes now; for tests, as it checks all of the table.
    var usage: (entries: Int, openFiles: Int, bytes: Int) {
        table.withLock { table in
            table.checkInvariants()
            return (table.count, table.openFileCount, table.byteCount)
        }
    }
}

/// A hash table with chains, whose places a clock's hand goes around to find what nobody has asked
/// for since it came by last (second chance: as good as the longest unused, without a list that each
/// look would have to mend).
struct StaticTable: Sendable {
    private struct Place {
        var entry: StaticEntry?
        var hash: UInt64 = 0
        /// The next place with the same bucket, or the next free one; −1: none.
        var next: Int32 = -1
        /// Somebody has asked for it since the hand came by.
        var isUsed = false
    }

    /// Bytes that an entry costs beside the contents of its files: with `maxBytes` this bounds how
    /// many there can be.
    static let entryByteCount = 2_048

    private let maxOpenFiles: Int
    private let maxBytes: Int
    private var places: [Place] = []
    /// The first place of each chain; −1: none. A power of two.
    private var buckets: [Int32] = Array(repeating: -1, count: 64)
    private var firstFree: Int32 = -1
    private var hand = 0
    private(set) var count = 0
    private(set) var openFileCount = 0
    private(set) var byteCount = 0

    init(maxOpenFiles: Int, maxBytes: Int) {
        self.maxOpenFiles = maxOpenFiles
        self.maxBytes = maxBytes
    }

    // MARK: Hashing

    /// FNV-1a; mixed, because only the low bits choose a bucket.
    static func hash(of path: Span<UInt8>) -> UInt64 {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in path.indices {
            value = (value ^ UInt64(path[index])) &* 0x100_0000_01b3  // Wraps by definition.
        }
        return value ^ (value >> 32)
    }

    /// The same; `nil` when the path holds a `%`.
    static func hash(ofPlain path: Span<UInt8>) -> UInt64? {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in path.indices {
            let byte = path[index]
            if byte == UInt8(ascii: "%") { return nil }
            value = (value ^ UInt64(byte)) &* 0x100_0000_01b3  // Wraps by definition.
        }
        return value ^ (value >> 32)
    }

    // MARK: Looking up

    mutating func find(_ path: Span<UInt8>, _ hash: UInt64) -> StaticEntry? {
        let place = place(of: path, hash)
        guard place >= 0 else { return nil }
        places[place].isUsed = true
        return places[place].entry
    }

    /// −1: it is not there.
    private func place(of path: Span<UInt8>, _ hash: UInt64) -> Int {
        var index = buckets[bucket(hash)]
        while index >= 0 {
            let place = Int(index)
            if places[place].hash == hash, let key = places[place].entry?.key,
                path.isEqual(to: key.span)
            {
                return place
            }
            index = places[place].next
        }
        return -1
    }

    private func bucket(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (buckets.count - 1)
    }

    // MARK: Changing

    /// - Returns: What had to go.
    mutating func insert(_ entry: StaticEntry, _ hash: UInt64) -> [StaticEntry] {
        var removed: [StaticEntry] = []
        let key = entry.key
        let old = place(of: key.span, hash)
        if old >= 0 { removed.append(take(old)) }
        if count == buckets.count { grow() }
        let place = newPlace()
        let bucket = bucket(hash)
        // New ones have been used once: they get the chance that a whole round gives.
        places[place] = Place(entry: entry, hash: hash, next: buckets[bucket], isUsed: true)
        buckets[bucket] = Int32(place)
        count += 1
        openFileCount += entry.openFileCount
        byteCount += entry.contentByteCount + Self.entryByteCount
        while openFileCount > maxOpenFiles { removed.append(evict { $0.openFileCount > 0 }) }
        while byteCount > maxBytes { removed.append(evict { _ in true }) }
        return removed
    }

    mutating func remove(_ entry: StaticEntry, _ hash: UInt64) {
        let key = entry.key
        let place = place(of: key.span, hash)
        guard place >= 0, places[place].entry === entry else { return }
        _ = take(place)
    }

    /// Takes out what the hand finds first that helps, and that nobody has asked for. At most two
    /// rounds.
    private mutating func evict(_ helps: (StaticEntry) -> Bool) -> StaticEntry {
        precondition(count > 0, "what counts is in some place")
        while true {
            hand = hand + 1 < places.count ? hand + 1 : 0
            guard let entry = places[hand].entry, helps(entry) else { continue }
            if !places[hand].isUsed { return take(hand) }
            places[hand].isUsed = false
        }
    }

    private mutating func take(_ place: Int) -> StaticEntry {
        guard let entry = places[place].entry else {
            preconditionFailure("only what is there is taken out")
        }
        unlink(place)
        places[place] = Place(next: firstFree)
        firstFree = Int32(place)
        count -= 1
        openFileCount -= entry.openFileCount
        byteCount -= entry.contentByteCount + Self.entryByteCount
        return entry
    }

    private mutating func unlink(_ place: Int) {
        let bucket = bucket(places[place].hash)
        let next = places[place].next
        guard Int(buckets[bucket]) != place else {
            buckets[bucket] = next
            return
        }
        var before = Int(buckets[bucket])
        while Int(places[before].next) != place { before = Int(places[before].next) }
        places[before].next = next
    }

    private mutating func newPlace() -> Int {
        guard firstFree >= 0 else {
            places.append(Place())
            return places.count - 1
        }
        let place = Int(firstFree)
        firstFree = places[place].next
        return place
    }

    private mutating func grow() {
        buckets = Array(repeating: -1, count: buckets.count * 2)
        for place in places.indices where places[place].entry != nil {
            let bucket = bucket(places[place].hash)
            places[place].next = buckets[bucket]
            buckets[bucket] = Int32(place)
        }
    }

    /// Every entry is found by its key, and the sums are right.
    func checkInvariants() {
        let entries = places.compactMap(\.entry)
        precondition(entries.count == count)
        precondition(entries.reduce(0) { $0 + $1.openFileCount } == openFileCount)
        let bytes = entries.reduce(0) { $0 + $1.contentByteCount + Self.entryByteCount }
        precondition(bytes == byteCount)
        precondition(openFileCount <= maxOpenFiles && byteCount <= maxBytes)
        for (index, place) in places.enumerated() {
            guard let key = place.entry?.key else { continue }
            precondition(self.place(of: key.span, place.hash) == index)
        }
    }
}
