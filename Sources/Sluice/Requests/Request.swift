internal import HTTP1
internal import HTTPEngine

/// One request, as handlers see it.
///
/// It is a view of bytes that belong to the connection: reading it copies nothing, and it can be
/// neither copied nor kept beyond the call that it was passed to, which the compiler enforces. What
/// must live longer is copied out, as `String` or `Array`.
public struct Request: ~Copyable, ~Escapable {
    let view: RequestView
    /// The pattern of its route, among those of all routes; taken out only when it is needed.
    private let patterns: Span<UInt8>
    private let patternRange: TextRange

    /// Values of your own, and of middleware, that travel with this request.
    public var values: RequestValues

    @_lifetime(copy view, copy patterns)
    init(_ view: RequestView, patterns: Span<UInt8>, _ patternRange: TextRange) {
        self.view = view
        self.patterns = patterns
        self.patternRange = patternRange
        values = RequestValues()
    }

    /// The method, such as `.get`.
    public var method: Method {
        switch view.line.method {
        case .other: Method(string(view.line.methodRange))
        case let known: Method(known)
        }
    }

    /// The request target as it came, such as `/search?q=swift` (RFC 9112 §3.2).
    public var target: String { string(view.line.target) }

    /// The target's path, percent-encoded as it came; `/` where the target has none.
    public var path: String { pathRange.isEmpty ? "/" : string(pathRange) }

    /// The target's query.
    public var query: Query {
        @_lifetime(copy self)
        get { Query(view.bytes.extracting(view.line.query)) }
    }

    /// The field lines of the head.
    public var fields: RequestFields {
        @_lifetime(copy self)
        get { RequestFields(view) }
    }

    /// The whole body, decoded.
    public var body: Span<UInt8> {
        @_lifetime(copy self)
        get { view.body }
    }

    /// The body as text; `nil` when it is not valid UTF-8. O(n), copies.
    public var text: String? {
        do {
            return String(copying: try UTF8Span(validating: view.body))
        } catch {
            return nil
        }
    }

    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    public var minorVersion: Int { Int(view.line.minorVersion) }

    /// A value of your own that travels with this request, such as the user that a middleware has
    /// found. `nil` until it is set. Setting the first one allocates.
    public subscript<Key: RequestKey>(key: Key.Type) -> Key.Value? {
        get { values[key] }
        set { values[key] = newValue }
    }

    /// A body comes with this head, whether or not it is there yet.
    var announcesBody: Bool {
        view.facts.transferCodings.contains(.chunked) || (view.facts.contentLength ?? 0) > 0
    }

    /// It gets the head that GET would have, and no body.
    var asksForHead: Bool {
        if case .head = view.line.method { return true }
        return false
    }

    var pathRange: ByteRange { view.line.path }

    /// The pattern of its route, as `RouteTable` has it.
    var pattern: Span<UInt8> {
        @_lifetime(copy self)
        get { patterns.extracting(patternRange.bounds) }
    }

    private func string(_ range: ByteRange) -> String {
        String(copying: view.bytes.extracting(range))
    }
}

extension String {
    /// A copy of bytes as text; what is not valid UTF-8 is replaced by U+FFFD. O(n).
    init(copying bytes: Span<UInt8>) {
        do {
            self.init(copying: try UTF8Span(validating: bytes))
        } catch {
            self.init(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
    }
}
