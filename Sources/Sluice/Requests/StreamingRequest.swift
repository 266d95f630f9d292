internal import HTTPEngine

/// One request, as a streaming handler sees it: a head, which is there, and a body, which comes.
///
///     router.stream(.put, "/files/{name}") { request, response in
///         let name = try request.head.parameter("name", as: String.self)
///         for try await chunk in request.body { … }
///     }
///
/// It can go wherever the handler goes on; it costs what its head is long.
public struct StreamingRequest: Sendable {
    let owned: OwnedRequest

    /// The body as it comes.
    public let body: RequestBody

    /// Values that middleware has given to the request, and those of your own.
    public var values: RequestValues

    /// The head, with all that can be asked of a `Request`; its body is empty.
    public var head: Request {
        @_lifetime(borrow self)
        borrowing get { owned.request(body: Span(), values) }
    }

    /// The method, such as `.put`.
    public var method: Method { head.method }

    /// The target's path, percent-encoded as it came.
    public var path: String { head.path }

    /// A value that travels with this request; see `values`.
    public subscript<Key: RequestKey>(key: Key.Type) -> Key.Value? {
        get { values[key] }
        set { values[key] = newValue }
    }

    /// The value of a parameter of the route's pattern, decoded; see `Request.parameter`.
    public func parameter(_ name: String) -> String? { head.parameter(name) }

    /// The value of a parameter as a type of its own; see `Request.parameter`.
    ///
    /// - Throws: `HTTPError` with 400 when it is none.
    public func parameter<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type
    ) throws -> Value {
        try head.parameter(name, as: type)
    }
}
