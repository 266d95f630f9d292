internal import Presentation
internal import Syscalls

/// How far it is, on standard error: one line that changes on a terminal, else a line for each
/// workload that is done.
struct Progress {
    private let workloadCount: Int
    private let isTerminal: Bool
    private var doneCount = 0

    init(workloadCount: Int) {
        self.workloadCount = workloadCount
        isTerminal = Terminal.canRedraw(.error)
    }

    func begin(_ name: String) {
        guard isTerminal else { return }
        Output.print("\r\u{1B}[K\(doneCount + 1)/\(workloadCount) \(name) …", to: .error)
    }

    mutating func finish(_ measurement: Measurement) {
        doneCount += 1
        guard !isTerminal else { return }
        Output.print(
            "micro: \(doneCount)/\(workloadCount) \(measurement.name): \(measurement.instructions) "
                + "instructions, \(measurement.allocations) allocations\n", to: .error)
    }

    /// Takes the line away.
    func clear() {
        if isTerminal { Output.print("\r\u{1B}[K", to: .error) }
    }
}
