/// In which order the engines of a pair run.
///
/// Whoever runs second meets a warmer machine, so orders come in twins: a random permutation and
/// its reverse. After every two pairs each engine has run before each other one equally often, and
/// nobody can guess the order from the pair's number. A voided pair is repeated in its own order,
/// which keeps the balance.
package struct PairOrder: Sendable {
    private let seed: UInt64
    private let engineCount: Int

    /// Orders that `seed` decides, different ones for every `stream` (a scenario's number).
    package init(seed: UInt64, stream: Int, engineCount: Int) {
        var mixer = OrderGenerator(state: seed ^ UInt64(stream) &* 0xD1B5_4A32_D192_ED03)
        self.seed = mixer.next()
        self.engineCount = engineCount
    }

    /// The engines' numbers in the order of pair `index`, counted from 0.
    package func engines(ofPair index: Int) -> [Int] {
        var generator = OrderGenerator(state: seed ^ UInt64(index / 2) &* 0x9E6D_62D0_6F6A_9A9B)
        let order = Array(0..<engineCount).shuffled(using: &generator)
        return index.isMultiple(of: 2) ? order : order.reversed()
    }
}

/// SplitMix64: the same numbers on every machine, which the system's generator does not promise.
private struct OrderGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        // Wrapping arithmetic is the algorithm.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
