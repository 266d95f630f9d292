internal import Glibc

/// How long a connection of a closed loop pauses after an answer, as a person does.
package enum ThinkTime: Sendable, Hashable {
    /// The next request follows at once.
    case none
    /// Always the same number of nanoseconds.
    case constant(nanoseconds: UInt64)
    /// Exponentially distributed around a mean: arrivals without memory. At most about 37 times
    /// the mean, since the generator has 53 bits.
    case exponential(meanNanoseconds: UInt64)

    /// The next pause in nanoseconds.
    package func next(using generator: inout SeededGenerator) -> UInt64 {
        switch self {
        case .none: 0
        case .constant(let nanoseconds): nanoseconds
        case .exponential(let mean): UInt64(-log(1 - generator.nextUnit()) * Double(mean))
        }
    }
}
