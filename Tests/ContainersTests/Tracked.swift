/// The seeds that every randomised test runs with; a failure names its seed as the argument.
let seeds: [UInt64] = [1, 2, 3, 0xDEAD_BEEF]

/// Counts how often an element was destroyed.
final class DropCounter {
    private(set) var drops = 0
    func dropped() { drops += 1 }
}

/// An element that cannot be copied and reports its end.
struct Tracked: ~Copyable {
    var value: Int
    let counter: DropCounter

    deinit { counter.dropped() }
}
