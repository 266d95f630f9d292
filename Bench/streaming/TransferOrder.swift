internal import LoadGenCore

/// What is to be measured.
struct TransferOrder: Sendable {
    /// Which way the long body goes.
    enum Direction: String, Sendable {
        case upload, download
    }

    /// A server under measurement.
    struct Side: Sendable {
        var target: TargetURL
        /// Its process, if its processor time and memory are asked for.
        var process: Int32?
    }

    var direction: Direction
    /// One server, or two that take turns.
    var sides: [Side]
    var method = "POST"
    var byteCount = 1 << 30
    var isChunked = false
    var roundCount = 5
    /// The longest wait for the server to take or give a byte.
    var patience: UInt64 = 10_000_000_000
}
