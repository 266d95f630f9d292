import Foundation
import TestSupport
import Testing

/// The examples of streaming and of middleware, as their reader would run them.
@Suite struct ExampleTests {
    /// Runs an example while `body` asks it, and ends it.
    private func withExample(
        _ name: String, _ arguments: [String] = [], _ body: (RawClient) throws -> Void
    ) throws {
        // stdbuf(1): what a program prints into a pipe would otherwise come only at its end.
        let process = try ChildProcess(
            "/usr/bin/env", ["stdbuf", "-oL", SluiceProcess.path(of: name), "0"] + arguments)
        defer { process.signal(SIGKILL) }
        let line = try #require(try process.outputLines(1).first)
        let port = try #require(line.split(separator: ":").last.flatMap { Int($0) })
        try body(RawClient(port: port))
    }

    private func withUploads(_ body: (RawClient, URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "example-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try withExample("upload", [folder.path]) { try body($0, folder) }
    }

    @Test func `a file is stored and its checksum told`() throws {
        try withUploads { client, folder in
            // The check value of CRC-32, and one with a leading zero.
            for (name, text, checksum) in [
                ("check", "123456789", "cbf43926"), ("empty", "", "00000000"),
            ] {
                try client.send(
                    "PUT /files/\(name) HTTP/1.1\r\nHost: a\r\n"
                        + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)")
                let response = try client.response()
                #expect(response.status == 201)
                #expect(response.text == "\(name): \(text.utf8.count) bytes, CRC-32 \(checksum)\n")
                let file = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                #expect(file == text)
            }
        }
    }

    @Test(arguments: [(".hidden", "3", 400), ("large", "1073741825", 413)])
    func `what cannot be stored is refused before the body`(
        name: String, length: String, status: Int
    ) throws {
        try withUploads { client, folder in
            let head =
                "PUT /files/\(name) HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n"
                + "Expect: 100-continue\r\n\r\n"
            try client.send(head)
            #expect(try client.response().status == status)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        }
    }

    @Test func `a form's files are stored, its other fields passed over`() throws {
        try withUploads { client, folder in
            let body = """
                --b\r\nContent-Disposition: form-data; name=title\r\n\r\nTea\r\n\
                --b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n123456789\r\n\
                --b\r\nContent-Disposition: form-data; name=file; filename=b\r\n\r\n\r\n--b--\r\n
                """
            for status in [201, 409] {
                try client.send(
                    "POST /files HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n"
                        + "Content-Type: multipart/form-data; boundary=b\r\n\r\n\(body)")
                let response = try client.response()
                #expect(response.status == status)
                guard status == 201 else { continue }
                #expect(
                    response.text
                        == "a: 9 bytes, CRC-32 cbf43926\nb: 0 bytes, CRC-32 00000000\n")
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names.sorted() == ["a", "b"])
        }
    }

    @Test func `the clock's page shows its events`() throws {
        try withExample("clock") { client in
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text.contains("new EventSource(\"/clock\")"))
            try client.send("GET /clock?count=2 HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.response()
            #expect(response["Content-Type"] == "text/event-stream")
            let ids = Self.ids(response.text)
            #expect(ids.count == 2)
            #expect(ids.last == ids.first.map { $0 + 1 })
            #expect(response.text.contains(/data: [0-2][0-9]:[0-5][0-9]:[0-5][0-9] UTC\n/))
        }
    }

    @Test func `who comes back to the clock hears what was missed`() throws {
        try withExample("clock") { client in
            let last = Int(Date().timeIntervalSince1970) - 10
            for (seen, isBelieved) in [(last, true), (last - 100, false), (last + 3_600, false)] {
                try client.send(
                    "GET /clock?count=1 HTTP/1.1\r\nHost: a\r\nLast-Event-ID: \(seen)\r\n\r\n")
                let id = try #require(Self.ids(try client.response().text).first)
                #expect((id == seen + 1) == isBelieved)
            }
        }
    }

    private static func ids(_ text: String) -> [Int] {
        text.split(separator: "\n").filter { $0.hasPrefix("id: ") }
            .compactMap { Int($0.dropFirst(4)) }
    }

    /// `anna:correct horse`, `ben:tea time`, `ben:wrong`
    private static let anna = "Basic YW5uYTpjb3JyZWN0IGhvcnNl"
    private static let ben = "Basic YmVuOnRlYSB0aW1l"
    private static let wrong = "Basic YmVuOndyb25n"

    @Test(arguments: [
        ("/", nil, 200, "members only, but for this page\n"), ("/members", nil, 401, nil),
        ("/members", anna, 200, "welcome, anna\n"), ("/members", ben, 200, "welcome, ben\n"),
        ("/members", wrong, 401, nil),
        ("/members", "Bearer a-long-random-text", 200, "welcome, robot\n"),
        ("/members", "Bearer another", 401, nil), ("/treasury", nil, 401, nil),
        ("/treasury", anna, 200, "welcome, anna\n"), ("/treasury", ben, 403, nil),
    ])
    func `the club lets in whom it knows`(
        path: String, credentials: String?, status: Int, text: String?
    ) throws {
        try withExample("members") { client in
            let field = credentials.map { "Authorization: \($0)\r\n" } ?? ""
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(field)\r\n")
            let response = try client.response()
            #expect(response.status == status)
            if let text { #expect(response.text == text) }
            #expect(response.values("WWW-Authenticate").count == (status == 401 ? 2 : 0))
        }
    }

    @Test func `the club has enough of who asks too often`() throws {
        try withExample("members") { client in
            // Ten at once, and one a second: a machine that is slow enough to let all of them through
            // would take minutes.
            var statuses: [Int] = []
            for _ in 0..<200 where statuses.last != 429 {
                try client.send("GET /members HTTP/1.1\r\nHost: a\r\n\r\n")
                statuses.append(try client.response().status)
            }
            #expect(statuses.last == 429)
            #expect(statuses.dropLast().count >= 10)
            #expect(statuses.dropLast().allSatisfy { $0 == 401 })
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().status == 200)
        }
    }
}
