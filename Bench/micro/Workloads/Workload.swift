internal import Presentation

/// A piece of real code that is run over and over under valgrind.
struct Workload: Sendable {
    /// What it exercises, and how: `parse/minimal`.
    let name: String
    /// What one operation is, for `--list`.
    let operation: String
    /// How often the shorter of the two runs repeats it; the longer does so three times as often.
    /// Enough that the few instructions by which two starts differ are less than half of one per
    /// operation.
    let iterationCount: Int
    /// Operations in each repetition: 16 requests that come together are 16.
    let operationsPerIteration: Int
    /// Makes ready, then repeats. Making ready must not depend on the number of repetitions, so that
    /// it drops out of the difference between two runs.
    let body: @Sendable (Int) throws -> Void

    init(
        _ name: String, _ operation: String, iterations: Int = 1_000, operations: Int = 1,
        _ body: @escaping @Sendable (Int) throws -> Void
    ) {
        self.name = name
        self.operation = operation
        iterationCount = iterations
        operationsPerIteration = operations
        self.body = body
    }

    static let all: [Workload] =
        parsing + encoding + chunked + connections + turns + routing + containers + recording

    /// A line of `--list`.
    var listing: String {
        name.rightPadded(to: 24) + operation
    }
}
