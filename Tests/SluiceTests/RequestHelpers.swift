import Sluice
import Synchronization
import TestSupport
import Testing

/// Sends one request to a handler on `/` and returns the answer.
///
/// - Parameter fields: Field lines without their ends, `Host` and `Content-Length` excepted.
func answer(
    _ method: String = "GET", to target: String = "/", fields: [String] = [], body: [UInt8] = [],
    _ configure: (inout ServerConfiguration) -> Void = { _ in },
    _ handler: @escaping HandlerClosure
) throws -> RawResponse {
    var router = Router()
    router.on(Method(rawValue: method), "/", handler)
    let answer = Mutex<RawResponse?>(nil)
    try withServer(
        router, configure,
        { running in
            let client = try running.client()
            let lines = ["Host: a", "Content-Length: \(body.count)"] + fields
            let head = "\(method) \(target) HTTP/1.1\r\n\(lines.joined(separator: "\r\n"))\r\n\r\n"
            try client.send(Array(head.utf8) + body)
            let response = try client.response()
            answer.withLock { $0 = response }
        })
    return try #require(answer.withLock { $0 })
}

/// The error that a handler has caught, as text; what else it has to say otherwise.
func describing(_ body: () throws -> String) -> String {
    do {
        return try body()
    } catch let error as HTTPError {
        let fields = error.fields.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
        return "\(error.status.code) \(error.code) \(error.field ?? "-") \(fields)"
    } catch {
        return "\(error)"
    }
}

extension RawClient {
    /// The answer to one request without a body, on this connection.
    func answer(to line: String, _ fields: [String] = []) throws -> RawResponse {
        let lines = ["\(line) HTTP/1.1", "Host: a"] + fields
        try send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
        return try response(to: String(line.prefix { $0 != " " }))
    }
}

/// What a client wants of a representation, as text.
func describe(_ selection: ByteRangeSelection) -> String {
    switch selection {
    case .whole: "whole"
    case .parts(let parts):
        "[" + parts.map { "\($0.lowerBound)..<\($0.upperBound)" }.joined(separator: ", ") + "]"
    case .unsatisfiable: "nothing"
    }
}
