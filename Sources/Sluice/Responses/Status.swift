internal import HTTP1

/// The status code of an answer (RFC 9110 §15), such as `.ok`, `.notFound` or `418`.
public struct Status: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// 200 ... 599: an answer is final.
    public let code: Int

    /// - Precondition: The code is in 200 ... 599.
    public init(_ code: Int) {
        precondition((200...599).contains(code), "a status code of an answer is in 200 ... 599")
        self.code = code
    }

    /// `response.status = 418`
    public init(integerLiteral code: Int) {
        self.init(code)
    }

    /// The registered reason phrase, such as `Not Found`; empty for a code that is not registered.
    public var reasonPhrase: String { "\(ReasonPhrase.text(for: code))" }

    /// 200
    public static let ok = Status(200)
    /// 201
    public static let created = Status(201)
    /// 202
    public static let accepted = Status(202)
    /// 204
    public static let noContent = Status(204)
    /// 206
    public static let partialContent = Status(206)
    /// 301
    public static let movedPermanently = Status(301)
    /// 302
    public static let found = Status(302)
    /// 303
    public static let seeOther = Status(303)
    /// 304
    public static let notModified = Status(304)
    /// 307
    public static let temporaryRedirect = Status(307)
    /// 308
    public static let permanentRedirect = Status(308)
    /// 400
    public static let badRequest = Status(400)
    /// 401
    public static let unauthorized = Status(401)
    /// 403
    public static let forbidden = Status(403)
    /// 404
    public static let notFound = Status(404)
    /// 405
    public static let methodNotAllowed = Status(405)
    /// 406
    public static let notAcceptable = Status(406)
    /// 408
    public static let requestTimeout = Status(408)
    /// 409
    public static let conflict = Status(409)
    /// 410
    public static let gone = Status(410)
    /// 412
    public static let preconditionFailed = Status(412)
    /// 413
    public static let contentTooLarge = Status(413)
    /// 415
    public static let unsupportedMediaType = Status(415)
    /// 416
    public static let rangeNotSatisfiable = Status(416)
    /// 422
    public static let unprocessableContent = Status(422)
    /// 429
    public static let tooManyRequests = Status(429)
    /// 500
    public static let internalServerError = Status(500)
    /// 501
    public static let notImplemented = Status(501)
    /// 503
    public static let serviceUnavailable = Status(503)
    /// 504
    public static let gatewayTimeout = Status(504)
}
