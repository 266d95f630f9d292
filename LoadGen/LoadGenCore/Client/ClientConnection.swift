internal import Containers
internal import HTTP1

// One connection as the client sees it: a rolling window of requests that are outstanding, and the
// answers that come for them in order.
//
//                        requestSent           answer complete
//   requests ──► [ window: at most `depth`, oldest first ] ──► answers
//                        ▲
//                        └── room: none once a close is announced
//
// Theory of operation: pure, it owns no socket and reads no clock. The owner asks for `room`, says
// what it sent, and feeds what it received; it gets one event per call. When the server announces
// that it will close (`Connection: close`, `Keep-Alive: max=n`, a body that ends with the stream),
// the window takes no more; what was already sent behind the last answer stays in it, to be sent
// again on the next connection. Only a close that was not announced is an error.

/// A request that has been sent and not been answered.
struct OutstandingRequest: BitwiseCopyable, Equatable {
    /// Its number over all threads, which decides its bytes.
    var sequence: UInt64
    /// When it was due; in a closed loop when it was first sent.
    var planned: UInt64
    /// When it was sent, last.
    var sent: UInt64
    /// Its kind: an index into the mix.
    var kind: Int
}

/// A complete final answer and the request that it belongs to.
struct Answer: BitwiseCopyable, Equatable {
    var request: OutstandingRequest
    var status: Int
    var bodyByteCount: Int
    /// Whether the body is what was expected, if anything was.
    var bodyIsExpected: Bool
}

/// What came out of the bytes.
enum ClientEvent: Equatable {
    /// Nothing more until more bytes come.
    case needMore
    /// The oldest request has its answer.
    case answered(Answer)
    /// The server asks for the body that was held back.
    case continueReceived
    /// The connection cannot be used any more; all outstanding requests share the fault.
    case fault(ErrorClass, detail: Int)
}

/// How the end of the stream, or the loss of the connection, is to be taken.
enum StreamEnd: Equatable {
    /// Nothing was outstanding: servers may close idle connections at any time.
    case idle
    /// It had been announced; what is outstanding is to be sent again.
    case announced
    /// It completed the oldest request's answer; what is behind it is to be sent again.
    case completed(Answer)
    /// Answers were owed; so many bytes of the oldest had come.
    case early(byteCount: Int)
}

/// The protocol state of one client connection.
struct ClientConnection: ~Copyable {
    private var window: Ring<OutstandingRequest>
    private var reader = AnswerReader()
    /// Requests that may still be sent on this connection.
    private var requestsLeft = Int.max
    /// Answers that the server still gives, if it said so.
    private var answersLeft = Int.max
    private var closeIsAnnounced = false
    /// Requests at the front of the window that are to be sent again.
    private(set) var unsentCount = 0
    /// Answers on this connection since it was opened.
    private(set) var answeredCount = 0

    /// A connection that is not open yet, with a window of `depth` requests.
    init(depth: Int) { window = Ring(capacity: depth) }

    /// Requests that are outstanding, or wait to be sent again.
    var outstandingCount: Int { window.count }

    /// How many more requests may be sent now.
    var room: Int { closeIsAnnounced ? 0 : min(window.capacity &- window.count, requestsLeft) }

    /// Whether no further answer can come: the owner closes and opens the next connection.
    var isUsedUp: Bool { closeIsAnnounced || (requestsLeft == 0 && window.isEmpty) }

    /// The oldest request. Precondition: one is outstanding.
    var oldest: OutstandingRequest { window.first }

    /// A new connection is open; it serves at most `requestLimit` requests.
    mutating func opened(requestLimit: Int) {
        precondition(requestLimit >= 1)
        reader = AnswerReader()
        closeIsAnnounced = false
        answersLeft = .max
        answeredCount = 0
        unsentCount = min(window.count, requestLimit)
        requestsLeft = requestLimit == .max ? .max : requestLimit - unsentCount
    }

    /// The connection is gone, and what is outstanding with it: nothing more is expected.
    mutating func closed() { closeIsAnnounced = true }

    /// A request is sent for the first time. Precondition: there is room.
    mutating func requestSent(_ request: OutstandingRequest) {
        window.append(request)
        if requestsLeft != .max { requestsLeft &-= 1 }
    }

    /// Request `index` of those to be sent again goes out at `now`; returns it.
    mutating func requestSentAgain(_ index: Int, at now: UInt64) -> OutstandingRequest {
        precondition(index < unsentCount)
        window[index].sent = now
        return window[index]
    }

    /// All that was to be sent again has been.
    mutating func allSentAgain() { unsentCount = 0 }

    /// Takes the oldest request out, which will have no answer; nil when there is none.
    mutating func popOutstanding() -> OutstandingRequest? { window.popFirst() }

    /// Reads on at `offset` and moves it; at most one event at a time.
    ///
    /// - Parameter methods: The method of each kind of request.
    mutating func next(
        in bytes: Span<UInt8>, at offset: inout Int, methods: borrowing [RequestMethod],
        _ workspace: inout AnswerWorkspace
    ) -> ClientEvent {
        while offset < bytes.count && !closeIsAnnounced {
            guard !window.isEmpty else {
                return .fault(.unexpectedBytes, detail: bytes.count - offset)
            }
            let method = methods[window.first.kind]
            switch reader.read(bytes, at: &offset, for: method, &workspace) {
            case .needMore: return .needMore
            case .interim(let status):
                if status == 100 { return .continueReceived }
            case .complete: return .answered(complete(workspace))
            case .malformed(let place): return .fault(.parse, detail: place)
            }
        }
        return .needMore
    }

    /// The stream has ended. `leftOver` is the number of bytes that were no whole head.
    mutating func endOfStream(
        leftOver: Int, _ workspace: borrowing AnswerWorkspace
    ) -> StreamEnd {
        defer { closeIsAnnounced = true }
        if reader.endsWithStream, !window.isEmpty {
            reader.endOfStream()
            return .completed(complete(workspace))
        }
        let hasBegun = reader.isInsideAnswer || leftOver > 0
        if (closeIsAnnounced || answersLeft == 0) && !hasBegun { return .announced }
        if window.isEmpty { return .idle }
        return .early(byteCount: reader.isInsideAnswer ? reader.byteCount : leftOver)
    }

    private mutating func complete(_ workspace: borrowing AnswerWorkspace) -> Answer {
        guard let request = window.popFirst() else { preconditionFailure("nobody asked") }
        answeredCount &+= 1
        let facts = reader.facts
        if answersLeft != .max { answersLeft &-= 1 }
        if let left = facts.requestsLeft {
            answersLeft = left
            requestsLeft = min(requestsLeft, max(0, left - window.count))
        }
        if !facts.isPersistent || answersLeft <= 0 { closeIsAnnounced = true }
        return Answer(
            request: request, status: facts.status, bodyByteCount: reader.bodyByteCount,
            bodyIsExpected: reader.bodyIsExpected(workspace))
    }
}
