/// SplitMix64: a small generator whose runs can be repeated from the seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

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
