import Foundation
import TestSupport
import Testing

/// The api example, as its reader would run it.
@Suite struct APIExampleTests {
    static let exchanges:
        [(line: String, fields: [String], body: String, status: Int, text: String)] =
            [
                (
                    "GET /teas?limit=1", [], "", 200, #"[{"grams":250,"name":"Darjeeling"}]"#
                ),
                ("GET /teas", ["Accept: text/plain"], "", 200, "Darjeeling\n"),
                ("GET /teas", ["Accept: image/png"], "", 406, "not_acceptable"),
                ("GET /teas?limit=x", [], "", 400, "limit"),
                ("GET /teas/0", [], "", 200, "Darjeeling"),
                ("GET /teas/99", [], "", 404, "no tea 99"),
                ("GET /teas/x", [], "", 400, "id"),
                (
                    "POST /teas", ["Content-Type: application/json"],
                    #"{"name": "Assam", "grams": 100}"#, 201, "Assam"
                ),
                ("POST /teas", ["Content-Type: application/json"], #"{"name": 1}"#, 400, "name"),
                ("POST /teas", ["Content-Type: text/plain"], "Assam", 415, "application/json"),
                (
                    "POST /form", ["Content-Type: application/x-www-form-urlencoded"],
                    "name=Keemun&grams=50", 200, "added Keemun\n"
                ),
                (
                    "POST /form", ["Content-Type: application/x-www-form-urlencoded"],
                    "name=Keemun&grams=many", 400, "grams"
                ),
                (
                    "POST /form", ["Content-Type: multipart/form-data; boundary=b"],
                    """
                    --b\r\nContent-Disposition: form-data; name=name\r\n\r\nSencha\r\n\
                    --b\r\nContent-Disposition: form-data; name=grams\r\n\r\n80\r\n\
                    --b\r\nContent-Disposition: form-data; name=picture; filename=a.png\r\n\r\n123\r\n\
                    --b--\r\n
                    """, 200, "added Sencha with 3 bytes of picture\n"
                ),
                ("POST /form", ["Content-Type: text/plain"], "x", 415, "multipart/form-data"),
            ]

    @Test func `it does what its comments say`() throws {
        // stdbuf(1): what a program prints into a pipe would otherwise come only at its end.
        let process = try ChildProcess(
            "/usr/bin/env", ["stdbuf", "-oL", SluiceProcess.path(of: "api"), "0"])
        let line = try #require(try process.outputLines(1).first)
        let port = try #require(line.split(separator: ":").last.flatMap { Int($0) })
        let client = try RawClient(port: port)
        for exchange in Self.exchanges {
            let fields =
                ["Host: a", "Content-Length: \(exchange.body.utf8.count)"] + exchange.fields
            try client.send(
                "\(exchange.line) HTTP/1.1\r\n\(fields.joined(separator: "\r\n"))\r\n\r\n"
                    + exchange.body)
            let response = try client.response()
            #expect(response.status == exchange.status, "\(exchange.line)")
            let holds = response.text.contains(exchange.text) || exchange.status == 406
            #expect(holds, "\(exchange.line): \(response.text)")
        }
        process.signal(SIGKILL)
        _ = try process.wait()
    }
}
