internal import Containers
internal import HTTP1

/// The name of one exchange on its connection: requests are counted from 0, modulo 2³².
package struct ExchangeID: Equatable, Sendable, BitwiseCopyable {
    package let rawValue: UInt32
}

/// What an answer must know of its request, and what has been decided about it.
struct ExchangeContext {
    private let traits: RequestTraits
    /// The connection closes after this answer.
    var closes: Bool
    /// The body is made by a producer, or sent from a file.
    var isStream = false
    var ownFields: OwnFields = []
    var status: UInt16 = 200
    /// The producer, or the file, has said how long the body will be.
    var announcedLength = -1

    /// Of the answer to a request with this head.
    init(_ traits: RequestTraits) {
        self.traits = traits
        closes = !traits.isPersistent
    }

    /// RFC 9110 §9.3.2: the same field lines as for GET, and no body.
    var isHead: Bool { traits.asksForHead }

    /// No chunked coding for this client; a stream ends by close (RFC 9112 §7.1, §9.3).
    var isHTTP10: Bool { traits.isHTTP10 }

    /// Nothing behind it begins before it has left: it may change what others read (RFC 9112
    /// §9.3.2), or its client is of HTTP/1.0, where a stream's end would hide what follows.
    var isAlone: Bool { traits.isHTTP10 || traits.isUnsafe }

    /// The client asked for keep-alive by name and hears of it by name (RFC 9112 §9.3, appendix C.2.2).
    var wantsKeepAliveField: Bool { traits.asksForKeepAlive }

    /// The answer begins as most do: 200, `Date` and `Server`, and nothing about the connection.
    var opensPlainly: Bool {
        status == 200 && !closes && !wantsKeepAliveField && ownFields.rawValue == 0
    }

    /// An answer that says nothing special itself need not for this request either.
    var allowsPlainAnswer: Bool { !closes && !wantsKeepAliveField && !isHead }

    /// A body of unknown length on HTTP/1.1 (RFC 9112 §7.1).
    var isChunked: Bool { isStream && !isHTTP10 && announcedLength < 0 }

    /// Bytes may stand behind its head.
    var hasBody: Bool { !isHead && status != 204 && status != 205 && status != 304 }

    /// The handler has said the reason phrase, perhaps an empty one.
    var hasOwnReason: Bool { ownFields.contains(.reason) }

    /// The status says that there is no content, and so no length (RFC 9110 §8.6).
    var hasNoLength: Bool { status == 204 || status == 304 }
}

/// One request that has begun and whose answer has not left: a place in the pipeline.
struct Exchange: ~Copyable {
    enum State {
        /// The handler has yet to answer.
        case pending
        /// Answered; waits for the exchanges before it.
        case complete
        /// First in line, its head has left, its producer is being asked.
        case streaming
        /// First in line, its head has left, the file behind it is being sent.
        case sendingFile
    }

    let id: ExchangeID
    var state: State
    var context: ExchangeContext
    /// Of a complete answer, what follows the connection's own field lines; before it the length and
    /// the bytes of the handler's own reason phrase, if there is one.
    var bytes: ByteBuffer
    var producer: BodyBox?
    /// Where the answer comes from, if from a task.
    var deferred: DeferredExchange?
    /// Its producer has nothing now.
    var isWaiting = false
}
