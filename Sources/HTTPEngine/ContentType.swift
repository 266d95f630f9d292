/// Types of bodies that answers have all the time, encoded once and for all.
package enum ContentType: UInt8, CaseIterable, Sendable {
    case none
    case plainText
    case bytes
    case html
    case json
    case problem

    /// The field line, if any, and the name of the length's.
    var fieldLineBeforeLength: StaticString {
        switch self {
        case .none: "Content-Length: "
        case .plainText: "Content-Type: text/plain; charset=utf-8\r\nContent-Length: "
        case .bytes: "Content-Type: application/octet-stream\r\nContent-Length: "
        case .html: "Content-Type: text/html; charset=utf-8\r\nContent-Length: "
        case .json: "Content-Type: application/json\r\nContent-Length: "
        case .problem: "Content-Type: application/problem+json\r\nContent-Length: "
        }
    }

    /// The field line, or nothing.
    var fieldLine: StaticString {
        switch self {
        case .none: ""
        case .plainText: "Content-Type: text/plain; charset=utf-8\r\n"
        case .bytes: "Content-Type: application/octet-stream\r\n"
        case .html: "Content-Type: text/html; charset=utf-8\r\n"
        case .json: "Content-Type: application/json\r\n"
        case .problem: "Content-Type: application/problem+json\r\n"
        }
    }
}
