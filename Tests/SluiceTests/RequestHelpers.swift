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
