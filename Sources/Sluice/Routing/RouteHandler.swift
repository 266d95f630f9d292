/// A synchronous handler's closure, kept in a type of its own: in an optional or an array as it is,
/// the compiler would store it behind a thunk that allocates and copies the request at every call.
struct SynchronousHandler: Sendable {
    let handle: HandlerClosure
}

/// An asynchronous handler's closure, kept in a type of its own for the same reason.
struct AsynchronousHandler: Sendable {
    let handle: AsyncHandlerClosure
}

/// A streaming handler's closure.
struct StreamingHandler: Sendable {
    let handle: StreamingHandlerClosure
}

/// A handler of one of the three kinds.
enum RouteHandler: Sendable {
    case synchronous(SynchronousHandler)
    case asynchronous(AsynchronousHandler)
    case streaming(StreamingHandler)

    init(_ handler: @escaping HandlerClosure) {
        self = .synchronous(SynchronousHandler(handle: handler))
    }

    init(_ handler: @escaping AsyncHandlerClosure) {
        self = .asynchronous(AsynchronousHandler(handle: handler))
    }

    var isStreaming: Bool {
        if case .streaming = self { true } else { false }
    }
}

/// What targets need that are not plain. An object, so that looking at one part of it costs one
/// reference.
final class TargetDetails: Sendable {
    let handler: RouteHandler
    let deadline: UInt64?
    let deadlineStatus: Int
    let gate: RouteGate?

    init(handler: RouteHandler, limits: RouteLimits) {
        self.handler = handler
        deadline = limits.deadline.map { UInt64($0 / .nanoseconds(1)) }
        deadlineStatus = (limits.deadlineStatus ?? .serviceUnavailable).code
        gate = limits.maxConcurrent.map {
            RouteGate(capacity: $0, overloadStatus: limits.overloadStatus ?? .serviceUnavailable)
        }
    }

    /// Something has to be asked before the handler.
    var isGuarded: Bool { gate != nil }
}

/// Some consecutive middleware of a table.
struct MiddlewareRange: BitwiseCopyable, Sendable {
    private var start: Int32 = 0
    private var storedCount: Int32 = 0

    init() {}

    init(start: Int, count: Int) {
        self.start = Int32(start)
        storedCount = Int32(count)
    }

    var count: Int { Int(storedCount) }

    /// Where one of them stands in the table.
    subscript(index: Int) -> Int {
        precondition(index < storedCount)
        return Int(start) + index
    }
}
