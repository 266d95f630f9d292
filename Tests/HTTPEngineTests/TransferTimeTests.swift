import Syscalls
import Testing

@testable import HTTPEngine

/// The arithmetic of the time limits that bytes extend.
@Suite struct TransferTimeTests {
    private static let second: UInt64 = 1_000_000_000

    @Test(arguments: [
        (0, 30.0), (1_024, 31), (1_536, 31.5), (1_048_576, 1_054), (1, 30.0009765625),
    ])
    func `an allowance grows by a second for each minimum rate of bytes`(
        byteCount: Int, seconds: Double
    ) throws {
        let time = TransferTime(allowance: 30 * Self.second, minRate: 1_024)
        let start = Instant(nanoseconds: 7 * Self.second)
        let deadline = try #require(
            time.deadline(
                start: start, lastProgress: start + 100 * Self.second, byteCount: byteCount))
        let elapsed = Double(deadline.nanoseconds - start.nanoseconds) / Double(Self.second)
        #expect(abs(elapsed - seconds) < 1e-6)
    }

    @Test func `without an allowance there is no deadline`() {
        let now = Instant(nanoseconds: 0)
        for rate in [0, 1_024] {
            let time = TransferTime(allowance: 0, minRate: rate)
            #expect(time.deadline(start: now, lastProgress: now, byteCount: 10) == nil)
        }
    }

    @Test func `without a rate the allowance runs from the last progress`() {
        let time = TransferTime(allowance: 30, minRate: 0)
        let deadline = time.deadline(
            start: Instant(nanoseconds: 1), lastProgress: Instant(nanoseconds: 100),
            byteCount: 1_000_000)
        #expect(deadline == Instant(nanoseconds: 130))
    }

    @Test(arguments: [(UInt64.max, 1), (1, 1), (30_000_000_000, 1)])
    func `no number of bytes makes the sum wrap`(allowance: UInt64, rate: Int) throws {
        let time = TransferTime(allowance: allowance, minRate: rate)
        let start = Instant(nanoseconds: 5 * Self.second)
        let deadline = try #require(
            time.deadline(start: start, lastProgress: start, byteCount: Int.max))
        #expect(deadline.nanoseconds >= Self.second * 1_000_000)
    }

    // MARK: The clock of an answer

    private static func instant(_ seconds: UInt64) -> Instant {
        Instant(nanoseconds: (100 + seconds) * second)
    }

    private static let time = TransferTime(allowance: 30 * second, minRate: 1_000)

    @Test func `time in which there is nothing to send does not count`() {
        var clock = WriteClock()
        clock.blocked(at: Self.instant(0))
        clock.progressed(by: 5_000, at: Self.instant(20))
        clock.unblocked(at: Self.instant(20))
        #expect(clock.deadline(within: Self.time) == nil)
        clock.blocked(at: Self.instant(520))
        // 20 of 30 seconds are used up, and 5,000 bytes have earned 5.
        #expect(clock.deadline(within: Self.time) == Self.instant(535))
    }

    @Test func `a clock that has run is new for the next answer`() {
        var clock = WriteClock()
        #expect(!clock.isUsed)
        clock.blocked(at: Self.instant(0))
        #expect(clock.isUsed)
        clock.progressed(by: 10, at: Self.instant(5))
        clock.unblocked(at: Self.instant(5))
        #expect(clock.isUsed)
        clock.answerFinished()
        #expect(!clock.isUsed)
        clock.blocked(at: Self.instant(9))
        #expect(clock.deadline(within: Self.time) == Self.instant(39))
    }

    @Test func `a blockage that goes on keeps its beginning`() {
        var clock = WriteClock()
        clock.blocked(at: Self.instant(0))
        clock.blocked(at: Self.instant(10))
        #expect(clock.deadline(within: Self.time) == Self.instant(30))
    }
}
