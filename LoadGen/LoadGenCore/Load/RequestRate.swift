/// Requests per second, kept exactly to a thousandth.
package struct RequestRate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Requests in a thousand seconds; at least 1.
    package let perThousandSeconds: UInt64

    /// The highest rate that makes sense on one machine: a request per nanosecond.
    static let maximumPerThousandSeconds: UInt64 = 1_000_000_000_000

    /// A rate, or nil unless it is more than nothing and at most a request per nanosecond.
    package init?(perThousandSeconds: UInt64) {
        guard (1...Self.maximumPerThousandSeconds).contains(perThousandSeconds) else { return nil }
        self.perThousandSeconds = perThousandSeconds
    }

    /// Requests per second.
    package var perSecond: Double { Double(perThousandSeconds) / 1_000 }

    /// The rate as an option takes it: `20000`, `0.5`.
    package var description: String {
        let thousandths = String(perThousandSeconds % 1_000 + 1_000).dropFirst()
        let fraction = thousandths.reversed().drop { $0 == "0" }.reversed()
        return "\(perThousandSeconds / 1_000)" + (fraction.isEmpty ? "" : "." + String(fraction))
    }

    package static func < (left: RequestRate, right: RequestRate) -> Bool {
        left.perThousandSeconds < right.perThousandSeconds
    }
}
