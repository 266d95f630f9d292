package import Containers

/// How evenly the server answered its connections. A thread pool with fewer workers than
/// connections can look fast while most clients get nothing; this shows it.
package struct Fairness: Sendable, Equatable {
    /// Valid answers per connection.
    package private(set) var requestsPerConnection: Histogram
    /// Connections that never got an answer.
    package private(set) var idleCount: UInt64 = 0
    /// The sum of all answers, exact.
    private var sum = 0.0
    /// The sum of their squares, for Jain's index.
    private var squareSum = 0.0

    /// Up to 2^40 answers on one connection, at three digits.
    private static let layout = HistogramLayout(highest: 1 << 40, significantDigits: 3)!

    /// No connections.
    package init() { requestsPerConnection = Histogram(layout: Self.layout) }

    /// The fairness of connections that got these numbers of answers.
    package init(_ counts: [UInt32]) {
        self.init()
        for count in counts { add(count) }
    }

    init?(requestsPerConnection: Histogram, idleCount: UInt64, sum: Double, squareSum: Double) {
        guard requestsPerConnection.layout == Self.layout else { return nil }
        self.requestsPerConnection = requestsPerConnection
        self.idleCount = idleCount
        self.sum = sum
        self.squareSum = squareSum
    }

    private mutating func add(_ count: UInt32) {
        requestsPerConnection.record(Int(count))
        if count == 0 { idleCount += 1 }
        sum += Double(count)
        squareSum += Double(count) * Double(count)
    }

    /// Adds the connections of another thread or machine.
    package mutating func merge(_ other: Fairness) {
        requestsPerConnection.merge(other.requestsPerConnection)
        idleCount += other.idleCount
        sum += other.sum
        squareSum += other.squareSum
    }

    /// The number of connections.
    package var connectionCount: UInt64 { requestsPerConnection.count }
    /// The fewest answers that a connection got.
    package var minimum: Int { requestsPerConnection.minimum }
    /// The answers that half of the connections did not exceed.
    package var median: Int { requestsPerConnection.value(atPercentile: 50) }
    /// The most answers that a connection got.
    package var maximum: Int { requestsPerConnection.maximum }
    /// Sums that a file keeps.
    var sums: (plain: Double, squared: Double) { (sum, squareSum) }

    /// Jain's index: 1 when all connections got the same, k/n when k of n got everything.
    package var jainIndex: Double {
        guard squareSum > 0 else { return 0 }
        return sum * sum / (Double(connectionCount) * squareSum)
    }
}
