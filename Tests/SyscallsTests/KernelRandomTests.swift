import Testing

@testable import Syscalls

/// Random bytes.
@Suite struct KernelRandomTests {
    /// More than 256 bytes may come in several pieces (getrandom(2)).
    @Test(arguments: [0, 1, 16, 4_096, 100_000])
    func `all of an array is filled`(count: Int) {
        // A byte that is 0 in 16 independent fillings has been forgotten: chance does that once in
        // 256 to the power of 16.
        var sums = [UInt8](repeating: 0, count: count)
        for _ in 0..<16 {
            var bytes = [UInt8](repeating: 0, count: count)
            KernelRandom.fill(&bytes)
            for index in bytes.indices { sums[index] |= bytes[index] }
        }
        #expect(!sums.contains(0))
    }

    @Test func `two fillings differ`() {
        var (first, second) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32))
        KernelRandom.fill(&first)
        KernelRandom.fill(&second)
        #expect(first != second)
    }
}
