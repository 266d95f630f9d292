internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// What a request is called, where `ServerConfiguration.requestIDs` says how.
///
/// An object, so that it travels among a request's values without a box of its own.
final class RequestIdentity: Sendable {
    let id: String
    let trace: TraceContext

    init(id: String, trace: TraceContext) {
        self.id = id
        self.trace = trace
    }
}

/// Where it lies among a request's values.
enum RequestIdentityKey: RequestKey {
    typealias Value = RequestIdentity
}

extension RequestValues {
    /// What the request is called, in its answer and in logs; `nil` without
    /// `ServerConfiguration.requestIDs`.
    public var requestID: String? { self[RequestIdentityKey.self]?.id }

    /// The trace that the request belongs to; `nil` without `ServerConfiguration.requestIDs`.
    public var trace: TraceContext? { self[RequestIdentityKey.self]?.trace }
}

extension Request {
    /// What this request is called, in its answer and in logs; `nil` without
    /// `ServerConfiguration.requestIDs`.
    public var id: String? { values.requestID }

    /// The trace that this request belongs to; `nil` without `ServerConfiguration.requestIDs`.
    public var trace: TraceContext? { values.trace }
}

extension StreamingRequest {
    /// What this request is called; see `Request.id`.
    public var id: String? { values.requestID }

    /// The trace that this request belongs to; see `Request.trace`.
    public var trace: TraceContext? { values.trace }
}

/// Gives requests their names.
final class RequestIdentifier: Sendable {
    private let ids: RequestIDs
    private let source: IDSource
    let fieldName: [UInt8]

    init(_ ids: RequestIDs, source: IDSource = IDSource()) {
        self.ids = ids
        self.source = source
        fieldName = Array(ids.fieldName.utf8)
    }

    /// Names a request.
    ///
    /// - Throws: What the program's own builder throws; the request is named all the same.
    func identify(
        _ view: borrowing RequestView, _ values: inout RequestValues, _ notes: ExchangeNotes
    ) throws {
        var failure: (any Error)?
        let id: String
        if let own = ownID(of: view) {
            id = own
        } else {
            do {
                id = try makeID(for: view)
            } catch {
                id = IDText.uuid(source.uuid())
                failure = error
            }
        }
        let trace = trace(of: view)
        notes.requestID = id
        notes.traceID = trace.traceID
        values[RequestIdentityKey.self] = RequestIdentity(id: id, trace: trace)
        if let failure { throw failure }
    }

    /// Names what never became a request.
    func identify(_ notes: ExchangeNotes) {
        notes.requestID = makeID()
    }

    /// The name that the client has given, if it is believed.
    private func ownID(of view: borrowing RequestView) -> String? {
        guard believes(ids.takenFrom, view) else { return nil }
        let name = fieldName
        var found: String?
        for index in 0..<view.fields.count
        where view.bytes.extracting(view.fields[index].name).isSameName(as: name.span) {
            let value = view.bytes.extracting(view.fields[index].value)
            // Of two names none is better than the other.
            guard found == nil, RequestIDs.isWellFormed(value) else { return nil }
            found = String(copying: value)
        }
        return found
    }

    private func makeID(for view: borrowing RequestView) throws -> String {
        guard let builder = ids.builder else { return makeID() }
        let empty: [UInt8] = []
        let request = Request(copy view, patterns: empty.span, TextRange(start: 0, count: 0))
        let id = try builder(request)
        return RequestIDs.isWellFormed(id.utf8.span) ? id : makeID()
    }

    private func makeID() -> String {
        switch ids.format {
        case .uuid: IDText.uuid(source.uuid())
        case .uuidBase32: IDText.base32(source.uuid())
        case .uuidBase64: IDText.base64(source.uuid())
        case .ulid: IDText.crockford(source.ulid())
        }
    }

    /// The trace that the client has named, if it is believed; else a new one.
    private func trace(of view: borrowing RequestView) -> TraceContext {
        let spanID = IDText.hexadecimal(source.spanID())
        let fields = RequestFields(copy view)
        guard believes(ids.tracesTakenFrom, view),
            let index = fields.onlyIndex(of: "traceparent"),
            let parent = TraceParent(fields.valueBytes(at: index))
        else {
            let traceID = IDText.hexadecimal(source.traceID())
            return TraceContext(traceID: traceID, spanID: spanID)
        }
        let hasState = fields.index(of: "tracestate") != nil
        return TraceContext(
            traceID: parent.traceID, spanID: spanID, parentID: parent.parentID,
            isSampled: parent.isSampled,
            state: hasState ? TraceState.joined(fields.all("tracestate")) : "")
    }

    private func believes(_ source: RequestIDs.Source, _ view: borrowing RequestView) -> Bool {
        switch source {
        case .nobody: return false
        case .everybody: return true
        case .trustedProxies:
            for index in 0..<view.trustedProxies.count
            where view.trustedProxies[index].contains(view.peer) {
                return true
            }
            return false
        }
    }
}
