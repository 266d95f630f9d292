import Sluice
import Synchronization
import TestSupport
import Testing

/// The answer that a handler fills, as a client gets it.
func answer(_ fill: @escaping @Sendable (inout Response) throws -> Void) throws -> RawResponse {
    var router = Router()
    router.get("/") { _, response in try fill(&response) }
    let response = Mutex<RawResponse?>(nil)
    try withServer(router) { running in
        let received = try ask(running, "GET / HTTP/1.1")
        response.withLock { $0 = received }
    }
    return try #require(response.withLock { $0 })
}

/// The answer to one request on a connection of its own.
func ask(
    _ running: RunningServer, _ line: String, _ fields: String..., body: String = ""
) throws -> RawResponse {
    let client = try running.client()
    let head = ([line, "Host: a"] + fields).map { $0 + "\r\n" }.joined()
    try client.send(head + "\r\n" + body)
    return try client.response(to: String(line.prefix { $0 != " " }))
}
