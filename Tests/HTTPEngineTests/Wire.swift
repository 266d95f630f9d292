// The bytes of requests and of the answers that are expected, built independently of the encoder.

/// A request without a body.
func request(
    _ method: String, _ target: String, _ fields: String..., version: String = "HTTP/1.1"
) -> String {
    head("\(method) \(target) \(version)", fields)
}

/// A GET of HTTP/1.1 with `Host` and further field lines.
func get(_ target: String, _ fields: String...) -> String {
    head("GET \(target) HTTP/1.1", fields)
}

/// A POST whose length is announced.
func post(_ target: String, _ body: String, _ fields: String...) -> String {
    head("POST \(target) HTTP/1.1", fields + ["Content-Length: \(body.utf8.count)"]) + body
}

/// A POST in the chunked coding.
func chunkedPost(_ target: String, _ chunks: [String], _ fields: String...) -> String {
    head("POST \(target) HTTP/1.1", fields + ["Transfer-Encoding: chunked"]) + chunked(chunks)
}

/// A body in the chunked coding.
func chunked(_ chunks: [String]) -> String {
    chunks.map { String($0.utf8.count, radix: 16) + "\r\n" + $0 + "\r\n" }.joined() + "0\r\n\r\n"
}

private func head(_ line: String, _ fields: [String]) -> String {
    ([line, "Host: a"] + fields).map { $0 + "\r\n" }.joined() + "\r\n"
}

/// An answer as it must be on the wire, its date masked.
struct Answer: Sendable {
    var status = "200 OK"
    /// What the connection itself adds behind `Server`.
    var connection: [String] = []
    /// What the handler adds and what frames the body, but for `Content-Length`.
    var fields = ["Content-Type: text/plain; charset=utf-8"]
    /// What `Content-Length` says; `nil`: there is none.
    var length: Int?
    var body: String

    static let close = ["Connection: close"]

    var wire: String {
        var lines = ["HTTP/1.1 \(status)", "Date: *", "Server: test"] + connection + fields
        if let length { lines.append("Content-Length: \(length)") }
        return lines.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }
}

/// The answer 200 with this body.
func ok(_ body: String, _ connection: [String] = []) -> String {
    Answer(connection: connection, length: body.utf8.count, body: body).wire
}

/// The last answer 200 of a connection.
func okAndClose(_ body: String) -> String {
    ok(body, Answer.close)
}

/// The answer to HEAD where GET would have had this body.
func okToHead(_ body: String, _ connection: [String] = []) -> String {
    Answer(connection: connection, length: body.utf8.count, body: "").wire
}

/// A streamed answer of so many pieces.
func streamed(_ pieceCount: Int, _ connection: [String] = []) -> String {
    Answer(
        connection: connection,
        fields: ["Content-Type: text/plain; charset=utf-8", "Transfer-Encoding: chunked"],
        body: chunked((0..<pieceCount).map { ScriptedProducer.piece($0) })
    ).wire
}

/// An error answer of the engine's own, which is always the last.
func failure(
    _ status: String, _ reason: String, retryAfter: Int? = nil, toHead: Bool = false
) -> String {
    let body = "\(status): \(reason)\n"
    var answer = Answer(
        status: status, connection: Answer.close, length: body.utf8.count, body: body)
    if let retryAfter { answer.fields.append("Retry-After: \(retryAfter)") }
    if toHead { answer.body = "" }
    return answer.wire
}

/// What every request hears that comes after a drain has begun.
let stoppingAnswer = failure(
    "503 Service Unavailable", "the server is stopping", retryAfter: 2)

let continueLine = "HTTP/1.1 100 Continue\r\n\r\n"
