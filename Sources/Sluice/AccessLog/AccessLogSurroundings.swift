internal import HTTPEngine
internal import Syscalls

/// What lines of the access log say that is the same for all exchanges of a server.
struct AccessLogSurroundings: Sendable {
    let engine: String
    let instanceID: String
    /// By labels: label n is at n − 1.
    let routes: [String]
    /// When the server has begun to drain; `nil`: it has not.
    let drainStart: @Sendable () -> Instant?

    /// What stands for the route of an exchange.
    func route(of exchange: FinishedExchange) -> String {
        let index = Int(exchange.label) - 1
        return routes.indices.contains(index) ? routes[index] : RouteLabel.pseudo(exchange.failure)
    }
}

extension AccessLogSurroundings {
    /// Those of a server that is complete.
    init(_ inside: ServerInside) {
        engine = inside.engineName
        instanceID = inside.instanceID
        routes = inside.labels.map(\.description)
        drainStart = { inside.drainStart }
    }
}

/// The moment that monotonic times are turned into the time of day by.
struct LogClock: Sendable {
    private let monotonic: Int64
    /// Nanoseconds since 1970, which fit until 2262.
    private let wall: Int64

    /// Nanoseconds since 1970 at a monotonic moment.
    init(monotonic: Instant, wallNanoseconds: Int64) {
        self.monotonic = Int64(truncatingIfNeeded: monotonic.nanoseconds)
        wall = wallNanoseconds
    }

    /// Both clocks now.
    static func now() -> LogClock {
        let (seconds, nanoseconds) = WallClock.now()
        return LogClock(
            monotonic: MonotonicClock.now(), wallNanoseconds: seconds * 1_000_000_000 + nanoseconds)
    }

    /// The time of day at a moment.
    func time(at instant: Instant) -> (seconds: Int64, nanoseconds: Int) {
        let total = wall &+ (Int64(truncatingIfNeeded: instant.nanoseconds) &- monotonic)
        // Rounded down, also before 1970.
        let (seconds, rest) = total.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest < 0 ? (seconds - 1, Int(rest) + 1_000_000_000) : (seconds, Int(rest))
    }
}
