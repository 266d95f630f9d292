import Testing

@testable import Sluice

@Suite struct LatencyBucketTests {
    @Test func `ten buckets for each power of ten, from 1 µs to 60 s`() {
        let bounds = LatencyBuckets.bounds
        #expect(bounds.first == 1_000 && bounds.last == 60_000_000_000)
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
        for decade in [1_000, 10_000, 1_000_000, 1_000_000_000] as [UInt64] {
            #expect(bounds.filter { $0 >= decade && $0 < 10 * decade }.count == 10)
        }
        #expect(LatencyBuckets.count == bounds.count + 1)
    }

    @Test func `what is told in coarser buckets is exact`() {
        #expect(Set(LatencyBuckets.exported).isSubset(of: LatencyBuckets.bounds))
        let table = LatencyBuckets.tableMilliseconds.map { $0 * 1_000_000 }
        #expect(Set(table).isSubset(of: LatencyBuckets.bounds))
    }

    @Test func `a magnitude leaves at most two buckets to choose from`() {
        let bounds = LatencyBuckets.bounds
        let latencies: [UInt64] = (0..<64).flatMap { bits -> [UInt64] in
            let power: UInt64 = 1 << bits
            return [power - 1, power, power + power / 4, power + power / 2, power + power / 4 * 3]
        }
        for latency in latencies + bounds + bounds.map({ $0 + 1 }) + [.max] {
            let magnitude = LatencyBuckets.magnitude(of: latency)
            let first = Int(LatencyBuckets.firstBucketByMagnitude[magnitude])
            let bucket = bounds.firstIndex { $0 >= latency } ?? bounds.count
            #expect(first <= bucket && bucket <= first + 1, "\(latency)")
        }
    }

    @Test func `counts are cumulated up to the bounds that are wanted`() {
        var counts = [UInt64](repeating: 0, count: LatencyBuckets.count)
        for index in counts.indices { counts[index] = 1 }
        let sums = LatencyBuckets.cumulated(counts, to: [1_000, 10_000, 60_000_000_000])
        #expect(sums == [1, 11, UInt64(LatencyBuckets.bounds.count)])
    }

    /// A bucket from 8 to 10 ms, so that a share of its latencies is as much of its width.
    @Test(arguments: [(0.25, 8.5), (0.5, 9), (1, 10)])
    func `a percentile is interpolated in its bucket`(share: Double, milliseconds: Double) throws {
        var counts = [UInt64](repeating: 0, count: LatencyBuckets.count)
        counts[try #require(LatencyBuckets.bounds.firstIndex(of: 10_000_000))] = 100
        let value = try #require(LatencyBuckets.percentile(share, of: counts))
        #expect(abs(value / 1e6 - milliseconds) < 0.001)
    }

    @Test func `no percentile is above the longest latency`() {
        var counts = [UInt64](repeating: 0, count: LatencyBuckets.count)
        #expect(LatencyBuckets.percentile(0.5, of: counts) == nil)
        counts[20] = 4
        let longest = LatencyBuckets.bounds[19] + 1
        #expect(LatencyBuckets.percentile(1, of: counts, longest: longest) == Double(longest))
        counts[LatencyBuckets.count - 1] = 4
        #expect(LatencyBuckets.percentile(1, of: counts, longest: 70_000_000_000) == 7e10)
        #expect(LatencyBuckets.percentile(1, of: counts) == 6e10)
    }
}
