import Containers
import HTTP1
import Synchronization

@testable import HTTPEngine

/// A request as the handler saw it.
struct SeenRequest: Equatable, Sendable {
    let exchange: UInt32
    let method: String
    let target: String
    let fieldCount: Int
    let body: [UInt8]

    /// The words of the path, which are the script.
    var words: [Substring] { target.split(separator: "/") }
}

/// A handler that does what the path says, and remembers what it was asked:
///
///     /status/404          that status
///     /reason/Fine         that reason phrase; /reason alone, an empty one
///     /bytes/1000          a body of so many bytes
///     /own                 fields Date and Server of its own
///     /close               closes the connection after the answer
///     /stream/3            three pieces; /stream/3/throw fails behind them, /stream/3/size/1000
///                          makes them that long, /stream/3/slow says nothing every other time,
///                          /stream/3/status/204 gives a status
///     /file/1000           a file of so many bytes; /file/1000/status/304 gives a status
///     /part/5/10           the bytes 5 ..< 10 of a file
///     /parts               three parts of a file, and text between them
///     /own-file            what `file` is set to, all of it
///     /short/10            promises 1,000 bytes of a file that has so many
///     /refuse/...          refuses a body; the rest says what to answer
///     /limit/10/...        collects a body of so many bytes at most
///     /defer/...           answers later; the rest says what
///
/// Anything else, and a path whose words are used up, answers with the request itself:
/// `GET /target`, or `POST /target: body`.
final class ScriptedHandler: RequestHandler {
    private struct Record {
        var file: FileBody?
        var requests: [SeenRequest] = []
        var admissions = 0
    }

    private let record = Mutex(Record())

    /// The requests that have been handled, in the order of the calls.
    var requests: [SeenRequest] { record.withLock { $0.requests } }

    /// What `/own-file` answers.
    var file: FileBody? {
        get { record.withLock { $0.file } }
        set { record.withLock { $0.file = newValue } }
    }

    /// The targets of `requests`.
    var targets: [String] { requests.map(\.target) }

    /// How often a body was announced.
    var admissions: Int { record.withLock { $0.admissions } }

    func admit(_ request: borrowing RequestView) -> BodyAdmission {
        record.withLock { $0.admissions += 1 }
        precondition(request.body.isEmpty, "nothing of the body is looked at before it is admitted")
        let words = SeenRequest(request).words
        switch words.first {
        case "refuse": return .refuse
        case "limit": return .collect(maxByteCount: Int(words[1]) ?? 0)
        default: return .collect(maxByteCount: 1_048_576)
        }
    }

    func handle(_ request: borrowing RequestView, into message: inout ResponseMessage) {
        let seen = SeenRequest(request)
        record.withLock { $0.requests.append(seen) }
        if seen.words.first == "defer" {
            message.deferAnswer()
        } else if seen.words.first == "own-file", let file {
            message.contentType = .plainText
            message.send(file)
        } else {
            Self.answer(seen, into: &message)
        }
    }

    /// Fills the answer that the script asks for.
    static func answer(_ request: SeenRequest, into message: inout ResponseMessage) {
        message.contentType = .plainText
        var words = request.words[...]
        loop: while let word = words.popFirst() {
            switch word {
            case "status": message.status = number(words.popFirst())
            case "reason":
                let isSet = message.setReason((words.popFirst() ?? "").utf8.span)
                precondition(isSet, "a script's reason can be one")
            case "refuse", "defer": continue
            case "limit": words.removeFirst()
            case "close": message.closesConnection = true
            case "own":
                try? message.appendField(name: "Date".utf8.span, value: "today".utf8.span)
                try? message.appendField(name: "server".utf8.span, value: "mine".utf8.span)
            case "bytes":
                for _ in 0..<number(words.popFirst()) { message.body.append(UInt8(ascii: "x")) }
                return
            case "shared":
                message.send(
                    shared: Array(repeating: UInt8(ascii: "x"), count: number(words.popFirst())))
                return
            case "stream":
                message.stream(ScriptedProducer(words))
                if let index = words.firstIndex(of: "status") {
                    message.status = number(words[index + 1])
                }
                return
            case "file", "part", "parts", "short":
                message.send(ScriptedFile.body(word, words))
                if let index = words.firstIndex(of: "status") {
                    message.status = number(words[index + 1])
                }
                return
            default: break loop
            }
        }
        message.body.append(request.method + " " + request.target)
        if !request.body.isEmpty {
            message.body.append(": ")
            message.body.append(request.body.span)
        }
    }

    static func number(_ word: Substring?) -> Int {
        guard let word, let number = Int(word) else { fatalError("a script lacks a number") }
        return number
    }
}

extension SeenRequest {
    init(_ request: borrowing RequestView) {
        exchange = request.exchange.rawValue
        method = Array(copying: request.bytes.extracting(request.line.methodRange)).text
        target = Array(copying: request.bytes.extracting(request.line.target)).text
        fieldCount = request.fields.count
        body = Array(copying: request.body)
    }
}

/// Makes pieces as a script says.
struct ScriptedProducer: BodyProducer {
    struct Failure: Error {}

    private let pieceCount: Int
    private let size: Int?
    private let fails: Bool
    private let isSlow: Bool
    private var next = 0
    private var saysNothing = true

    init(_ words: ArraySlice<Substring>) {
        pieceCount = ScriptedHandler.number(words.first)
        fails = words.contains("throw")
        isSlow = words.contains("slow")
        size = words.firstIndex(of: "size").map { ScriptedHandler.number(words[$0 + 1]) }
    }

    mutating func produce(into writer: inout BodyWriter) throws -> BodyProgress {
        if isSlow && saysNothing {
            saysNothing = false
            return .more
        }
        saysNothing = true
        guard next < pieceCount else {
            if fails { throw Failure() }
            return .finished
        }
        writer.write(Self.piece(next, size: size).utf8.span)
        next += 1
        return next == pieceCount && !fails ? .finished : .more
    }

    /// What piece `index` holds.
    static func piece(_ index: Int, size: Int? = nil) -> String {
        size.map { String(repeating: "x", count: $0) } ?? "piece \(index)\n"
    }
}

extension Array where Element == UInt8 {
    init(copying span: Span<UInt8>) {
        self.init()
        reserveCapacity(span.count)
        for index in span.indices { append(span[index]) }
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}
