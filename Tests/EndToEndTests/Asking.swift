import TestSupport

/// The answer to one request on a connection of its own.
///
/// - Parameters:
///   - line: Method and target.
///   - fields: Field lines without their ends, `Host` excepted.
func ask(
    _ running: RunningServer, _ line: String, _ fields: [String] = [], body: String = ""
) throws -> RawResponse {
    let client = try running.client()
    let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
    let head = (["\(line) HTTP/1.1", "Host: a"] + fields + length).map { $0 + "\r\n" }.joined()
    try client.send(head + "\r\n" + body)
    return try client.response(to: String(line.prefix { $0 != " " }))
}
