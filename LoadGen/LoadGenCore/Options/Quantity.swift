internal import Arguments

/// Readers of the values that only this command line has; what all of ours share is in `Values`.
enum Quantity {
    /// Requests per second: `20000`, `20k`, `0.5`.
    static func rate(_ text: some StringProtocol) throws(ValueError) -> RequestRate {
        let cure = "give requests per second, for example 20000 or 20k"
        let isThousands = text.hasSuffix("k") || text.hasSuffix("K")
        guard
            let value = Values.scaled(
                text.dropLast(isThousands ? 1 : 0), by: isThousands ? 1_000_000 : 1_000)
        else { throw ValueError("is not a rate", cure: cure) }
        guard value > 0 else { throw ValueError("a rate must be above zero", cure: cure) }
        guard let rate = RequestRate(perThousandSeconds: value) else {
            throw ValueError("is more than a request per nanosecond", cure: cure)
        }
        return rate
    }

    /// A share of one: `0.01` or `1%`.
    static func share(_ text: String) throws(ValueError) -> Double {
        let isPercent = text.hasSuffix("%")
        // Millionths of the number, so that 0.001 % is still exact.
        guard let millionths = Values.scaled(text.dropLast(isPercent ? 1 : 0), by: 1_000_000) else {
            throw ValueError("is not a share", cure: "write 1% or 0.01")
        }
        let share = Double(millionths) / (isPercent ? 1e8 : 1e6)
        guard share <= 1 else {
            throw ValueError("is more than everything", cure: "write 1% or 0.01")
        }
        return share
    }
}
