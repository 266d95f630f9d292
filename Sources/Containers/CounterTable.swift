public import Synchronization

/// Rows of numbers that one thread writes and any thread may read: counters without locks, for
/// things of which there may be many and most are never used.
///
/// A row gets its memory when it is first written, and keeps it. Each number is read and written
/// whole; two of them are not from the same moment. Writing is a plain store, so only one thread may
/// write at a time.
///
/// Limit: `rowCount` rows of `columnCount` numbers, fixed; a row that is not used costs a word.
@safe
public final class CounterTable: @unchecked Sendable {
    /// Where a row's numbers are.
    @usableFromInline typealias Numbers = UnsafeMutablePointer<Atomic<UInt64>>

    /// How many rows there are.
    public let rowCount: Int
    /// How many numbers a row has.
    public let columnCount: Int

    // Invariant: `rowCount` places; each is nil until its row is first written, and then never
    // changes: `columnCount` initialised numbers of our own.
    @usableFromInline let rows: UnsafeMutablePointer<Atomic<Numbers?>>

    /// So many rows of zeros.
    public init(rowCount: Int, columnCount: Int) {
        precondition(rowCount >= 0 && columnCount > 0)
        self.rowCount = rowCount
        self.columnCount = columnCount
        unsafe rows = .allocate(capacity: max(1, rowCount))
        for index in 0..<rowCount {
            // SAFETY: the place is inside what was allocated, and holds nothing yet.
            unsafe (rows + index).initialize(to: Atomic(nil))
        }
    }

    deinit {
        for index in 0..<rowCount {
            // SAFETY: the invariant; nobody else has a reference any more.
            guard let numbers = unsafe rows[index].load(ordering: .relaxed) else { continue }
            unsafe numbers.deinitialize(count: columnCount)
            unsafe UnsafeMutableRawPointer(numbers).deallocate()
        }
        unsafe rows.deinitialize(count: rowCount)
        unsafe rows.deallocate()
    }

    /// Lends one row to `body`, to be written. The owning thread only.
    @inlinable
    public func update(_ row: Int, _ body: (borrowing CounterRow) -> Void) {
        precondition(row >= 0 && row < rowCount)
        // SAFETY: the place is initialised, and only this thread writes it.
        let numbers = unsafe rows[row].load(ordering: .relaxed) ?? makeRow(row)
        // SAFETY: the row has as many numbers, and lives as long as we do; `body` cannot keep it.
        body(unsafe CounterRow(numbers: numbers, count: columnCount))
    }

    /// Whether a row has ever been written. Any thread.
    public func isUsed(_ row: Int) -> Bool {
        precondition(row >= 0 && row < rowCount)
        // SAFETY: the place is initialised.
        return unsafe rows[row].load(ordering: .acquiring) != nil
    }

    /// Adds a row's numbers to as many sums, modulo 2⁶⁴. Any thread; O(columns), where the row has
    /// never been written O(1).
    ///
    /// - Returns: Whether it has been written.
    @discardableResult
    public func add(_ row: Int, to sums: inout [UInt64]) -> Bool {
        precondition(row >= 0 && row < rowCount && sums.count == columnCount)
        // SAFETY: the place is initialised. Acquiring: what it leads to was initialised before.
        guard let numbers = unsafe rows[row].load(ordering: .acquiring) else { return false }
        for column in 0..<columnCount {
            // SAFETY: the row has so many numbers.
            sums[column] &+= unsafe numbers[column].load(ordering: .relaxed)
        }
        return true
    }

    /// One number; 0 where the row has never been written. Any thread.
    public func value(_ row: Int, _ column: Int) -> UInt64 {
        precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount)
        // SAFETY: as above.
        return unsafe rows[row].load(ordering: .acquiring)?[column].load(ordering: .relaxed) ?? 0
    }

    /// Gives a row its memory: lines of the cache of its own, so that threads do not write to each
    /// other's.
    @usableFromInline
    func makeRow(_ row: Int) -> Numbers {
        let byteCount = columnCount * MemoryLayout<Atomic<UInt64>>.stride
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: (byteCount + 63) & ~63, alignment: 64)
        let numbers = unsafe memory.bindMemory(to: Atomic<UInt64>.self, capacity: columnCount)
        for column in 0..<columnCount {
            // SAFETY: the place is inside what was allocated, and holds nothing yet.
            unsafe (numbers + column).initialize(to: Atomic(0))
        }
        // SAFETY: the place is initialised. Releasing: who sees the row sees its zeros.
        unsafe rows[row].store(numbers, ordering: .releasing)
        return unsafe numbers
    }
}

/// One row of a `CounterTable`, while it is written.
@safe
public struct CounterRow: ~Copyable {
    @usableFromInline let numbers: UnsafeMutablePointer<Atomic<UInt64>>
    @usableFromInline let count: Int

    @inlinable
    @unsafe
    init(numbers: UnsafeMutablePointer<Atomic<UInt64>>, count: Int) {
        unsafe self.numbers = unsafe numbers
        self.count = count
    }

    /// Adds to one number, modulo 2⁶⁴.
    @inlinable
    public func add(_ amount: UInt64, at column: Int) {
        precondition(column >= 0 && column < count)
        // SAFETY: the row has so many numbers.
        unsafe numbers[column].store(
            numbers[column].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Raises one number to a value, unless it is as high already.
    @inlinable
    public func raise(_ column: Int, to value: UInt64) {
        precondition(column >= 0 && column < count)
        // SAFETY: as above.
        let current = unsafe numbers[column].load(ordering: .relaxed)
        guard value > current else { return }
        unsafe numbers[column].store(value, ordering: .relaxed)
    }
}
