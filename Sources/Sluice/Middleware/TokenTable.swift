internal import Synchronization

/// How fast a bucket fills, and how much it holds.
///
/// A bucket is one number, the moment at which it will be full (the generic cell rate algorithm,
/// ITU-T I.371): a request moves it on by the time that a token takes to come back, and may not move
/// it further from now than the whole bucket takes.
struct TokenRule: Equatable, Sendable {
    /// Nanoseconds until a token is back.
    let tokenTime: UInt64
    /// Nanoseconds until an empty bucket is full.
    let bucketTime: UInt64

    private static let countRange = 1...1_000_000
    private static let periodRange = Duration.milliseconds(1)...Duration.seconds(86_400)
    /// An empty bucket is full again within a year: what takes longer is no rate.
    private static let maxBucketTime: UInt64 = 366 * 86_400 * 1_000_000_000

    init(requests: Int, per: Duration, burst: Int) throws(InvalidMiddleware) {
        guard Self.countRange.contains(requests) else {
            throw InvalidMiddleware("RateLimit: requests \(requests) is not in 1 ... 1,000,000")
        }
        guard Self.countRange.contains(burst) else {
            throw InvalidMiddleware("RateLimit: burst \(burst) is not in 1 ... 1,000,000")
        }
        guard Self.periodRange.contains(per) else {
            throw InvalidMiddleware("RateLimit: per \(per) is not in 1 ms ... 1 day")
        }
        let (seconds, attoseconds) = per.components
        let period = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        tokenTime = period / UInt64(requests)
        guard tokenTime >= 1_000 else {
            throw InvalidMiddleware(
                "RateLimit: \(requests) requests per \(per) are more than one in a microsecond")
        }
        // Both factors are below 2⁴⁷ and 2²⁰.
        let (product, overflows) = tokenTime.multipliedReportingOverflow(by: UInt64(burst))
        guard !overflows, product <= Self.maxBucketTime else {
            throw InvalidMiddleware(
                "RateLimit: a burst of \(burst) at \(requests) requests per \(per) would take more "
                    + "than a year to come back")
        }
        bucketTime = product
    }

    /// Takes a token from a bucket.
    ///
    /// - Parameter fullAt: When it will be full; in the past, it is.
    /// - Returns: 0; or, when there is no token, the nanoseconds until there is one, and the bucket is
    ///   as it was.
    func take(from fullAt: inout UInt64, at now: UInt64) -> UInt64 {
        // A clock does not come near 2⁶⁴ − 2⁵⁵ nanoseconds, 580 years.
        let next = max(fullAt, now) + tokenTime
        let limit = now + bucketTime
        guard next <= limit else { return next - limit }
        fullAt = next
        return 0
    }
}

/// The buckets of a fixed number of clients, by a hash of who they are. Any thread.
///
/// Places are in groups of eight, and a client's hash names its group. Each shard of groups has a
/// lock of its own, held for the look at one group.
final class TokenTable: Sendable {
    /// 0 in both is a free place. A bucket that is full is as good as none, so nothing ever has to
    /// be removed.
    private struct Place: BitwiseCopyable {
        var client: UInt64 = 0
        var fullAt: UInt64 = 0
    }

    private final class Shard: Sendable {
        let places: Mutex<[Place]>

        init(count: Int) {
            places = Mutex(Array(repeating: Place(), count: count))
        }
    }

    private static let groupSize = 8
    /// More than servers have threads that would meet in one.
    private static let maxShardCount = 16

    private let shards: [Shard]
    private let groupsPerShard: Int

    /// A table for so many, rounded up to a power of two, at least eight.
    init(clientCount: Int) {
        var groupCount = 1
        while groupCount * Self.groupSize < clientCount { groupCount *= 2 }
        let shardCount = min(groupCount, Self.maxShardCount)
        groupsPerShard = groupCount / shardCount
        let placeCount = groupsPerShard * Self.groupSize
        shards = (0..<shardCount).map { _ in Shard(count: placeCount) }
    }

    /// Takes a token from a client's bucket; what it returns is `TokenRule.take`'s.
    func take(_ client: UInt64, at now: UInt64, _ rule: TokenRule) -> UInt64 {
        // Both counts are powers of two.
        let shard = shards[Int(client & UInt64(shards.count - 1))]
        let group = Int(client >> 8 & UInt64(groupsPerShard - 1))
        return shard.places.withLock { places in
            let place = Self.place(of: client, in: group, &places)
            return rule.take(from: &places[place].fullAt, at: now)
        }
    }

    /// A client's place, or that of the one whose bucket is the fullest, which is forgotten.
    private static func place(
        of client: UInt64, in group: Int, _ places: inout [Place]
    ) -> Int {
        let first = group * groupSize
        var fullest = first
        for index in first..<(first + groupSize) {
            if places[index].client == client { return index }
            if places[index].fullAt < places[fullest].fullAt { fullest = index }
        }
        places[fullest] = Place(client: client, fullAt: 0)
        return fullest
    }
}
