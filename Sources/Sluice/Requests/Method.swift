internal import HTTP1

/// A request method (RFC 9110 §9); its name is case-sensitive.
public struct Method: RawRepresentable, Hashable, Sendable {
    /// The name, such as `GET`.
    public let rawValue: String

    /// Any token is a method; the router answers 501 to those that nothing is registered for.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    init(_ method: RequestMethod) {
        self = Method.known[Int(method.rawValue)]
    }

    /// Read a representation.
    public static let get = Method("GET")
    /// Like GET, without the body of the answer.
    public static let head = Method("HEAD")
    /// Process the body.
    public static let post = Method("POST")
    /// Replace the resource.
    public static let put = Method("PUT")
    /// Remove the resource.
    public static let delete = Method("DELETE")
    /// Change the resource in part (RFC 5789).
    public static let patch = Method("PATCH")
    /// Ask what is possible.
    public static let options = Method("OPTIONS")
    /// Loop the request back.
    public static let trace = Method("TRACE")
    /// Make a tunnel.
    public static let connect = Method("CONNECT")

    /// In the order of the parser's codes.
    static let known: [Method] = [
        .get, .head, .post, .put, .delete, .patch, .options, .trace, .connect,
    ]
}
