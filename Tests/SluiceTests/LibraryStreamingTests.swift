import Foundation
import Sluice
import TestSupport
import Testing

/// The snippets of docs/LIBRARY.md about asynchronous handlers and streams are lines of this file,
/// and they run.
@Suite struct LibraryStreamingTests {
    struct Directory: Sendable {
        func name(of key: String) async throws -> String? {
            await Task.yield()
            return key == "k1" ? "anna" : nil
        }
    }

    enum Account: RequestKey { typealias Value = String }

    struct KnownAccounts: Middleware {
        let directory: Directory

        func before(
            _ request: inout Request, _ response: inout Response
        ) throws -> MiddlewareStep {
            guard let key = request.fields["X-API-Key"] else { throw HTTPError(.forbidden) }
            return .wait {
                guard let name = try await directory.name(of: key) else {
                    throw HTTPError(.forbidden)
                }
                var values = RequestValues()
                values[Account.self] = name
                return values
            }
        }
    }

    static func router(_ folder: String) throws -> Router {
        var router = Router()
        addTasks(to: &router)
        let uploads = try UploadFolder(folder)
        addBodies(to: &router, uploads)
        addAnswers(to: &router)
        try addCompressed(to: &router)
        router.group("/accounts") { accounts in
            accounts.use(KnownAccounts(directory: Directory()))
            accounts.get("/own") { request, response in
                response.send(request[Account.self] ?? "nobody")
            }
        }
        return router
    }

    private static func addCompressed(to router: inout Router) throws {
        try router.group("/logs") { logs in
            try logs.use(ResponseCompression())
            try logs.use(RequestDecompression())
            logs.get("/") { _, response in
                try response.setField("Content-Type", "text/plain; charset=utf-8")
                for line in 1...3 { try await response.write("line \(line)\n") }
            }
            logs.stream(.post, "/") { request, response in
                var count = 0
                for try await chunk in request.body { count += chunk.count }
                response.send("\(count) bytes\n")
            }
        }
    }

    private static func addTasks(to router: inout Router) {
        let readReport: @Sendable () throws -> String = { "all is well" }
        router.get("/patience") { request, response in
            let time = try request.query.value("ms", as: Int.self, default: 10)
            try await Task.sleep(for: .milliseconds(time))
            response.send("waited for \(time) ms")
        }
        router.get("/report") { _, response in
            let report = try await offload { try readReport() }
            response.send(report)
        }
        let database = OffloadPool(threads: 4, queue: 100)
        router.get("/rows") { _, response in
            response.send(try await database.run { "three rows" })
        }
        let limits = RouteLimits(
            deadline: .milliseconds(500), deadlineStatus: .gatewayTimeout, maxConcurrent: 8)
        router.get("/backend", limits: limits) { _, response in
            try await Task.sleep(for: .seconds(60))
            response.send("nobody waits so long")
        }
    }

    private static func addBodies(to router: inout Router, _ uploads: UploadFolder) {
        router.stream(.put, "/sum", limits: .maxBodyBytes(10 << 30)) { request, response in
            var sum = 0
            for try await chunk in request.body {
                for byte in chunk { sum += Int(byte) }
            }
            let announced = request.body.trailers.first { $0.name.lowercased() == "sum" }
            if let announced, announced.value != "\(sum)" {
                throw HTTPError(.badRequest, code: "wrong_sum")
            }
            response.send("\(sum)")
        }
        router.stream(.put, "/files/{name}") { request, response in
            let name = try request.parameter("name", as: String.self)
            let count = try await uploads.save(request.body, as: name, existing: .kept)
            response.status = .created
            response.send("\(count) bytes")
        }
        router.stream(.post, "/album") { request, response in
            var title = "untitled"
            var form = try MultipartStream(request.body, of: request.head)
            while let part = try await form.next() {
                switch part.name {
                case "title": title = try await form.collectText(upTo: 200)
                case "photo": try await form.save(to: uploads, as: "photo.jpg")
                default: break  // What is not read is passed over.
                }
            }
            response.send("\(title) is stored")
        }
    }

    private static func addAnswers(to router: inout Router) {
        let news = ["rain", "sun", "wind"]
        router.get("/numbers") { _, response in
            try response.setField("Content-Type", "text/plain; charset=utf-8")
            for number in 1...3 {
                try await response.write("\(number)\n")
            }
            try response.addTrailer("X-Count", "3")
        }
        router.get("/news") { request, response in
            let seen = request.lastEventID.flatMap { Int($0) } ?? -1
            var events = try await response.events()
            for (number, line) in news.enumerated() where number > seen {
                try await events.send(ServerSentEvent(data: line, id: "\(number)"))
            }
        }
    }

    private static let form = """
        --b\r\nContent-Disposition: form-data; name=title\r\n\r\nTea\r\n\
        --b\r\nContent-Disposition: form-data; name=photo; filename=a\r\n\r\n123\r\n--b--\r\n
        """

    static let answers: [(line: String, fields: String, body: String, status: Int, text: String?)] =
        [
            ("GET /patience", "", "", 200, "waited for 10 ms"),
            ("GET /report", "", "", 200, "all is well"), ("GET /rows", "", "", 200, "three rows"),
            ("GET /backend", "", "", 504, nil), ("PUT /sum", "Content-Length: 2", "ab", 200, "195"),
            (
                "PUT /sum", "Transfer-Encoding: chunked",
                "2\r\nab\r\n0\r\nSum: 195\r\n\r\n", 200, "195"
            ),
            (
                "PUT /sum", "Transfer-Encoding: chunked", "2\r\nab\r\n0\r\nSum: 1\r\n\r\n", 400, nil
            ),
            ("PUT /files/a", "Content-Length: 3", "abc", 201, "3 bytes"),
            ("PUT /files/a", "Content-Length: 3", "abc", 409, nil),
            ("PUT /files/.a", "Content-Length: 3\r\nExpect: 100-continue", "", 400, nil),
            (
                "POST /album",
                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: "
                    + "\(form.utf8.count)", form, 200, "Tea is stored"
            ),
            (
                "GET /news", "Last-Event-ID: 0", "", 200,
                "id: 1\ndata: sun\n\nid: 2\ndata: wind\n\n"
            ),
            ("GET /logs", "", "", 200, "line 1\nline 2\nline 3\n"),
            ("GET /logs", "Accept-Encoding: gzip", "", 200, nil),
            ("POST /logs", "Content-Length: 3", "abc", 200, "3 bytes\n"),
            (
                "POST /logs", "Content-Encoding: deflate\r\nContent-Length: 8",
                "\u{1}\u{3}\0\u{4c}\u{33}tea", 400, nil
            ),
            ("GET /accounts/own", "X-API-Key: k1", "", 200, "anna"),
            ("GET /accounts/own", "X-API-Key: k2", "", 403, nil),
            ("GET /accounts/own", "", "", 403, nil),
        ]

    @Test func `the snippets do what the page says`() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "library-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try withServer(Self.router(folder.path)) { running in
            for (line, fields, body, status, text) in Self.answers {
                // A connection each: what is refused before its body closes.
                let client = try running.client()
                let more = fields.isEmpty ? "" : "\(fields)\r\n"
                try client.send("\(line) HTTP/1.1\r\nHost: a\r\n\(more)\r\n\(body)")
                let response = try client.response()
                #expect(response.status == status, "\(line) \(fields)")
                if let text { #expect(response.text == text, "\(line)") }
            }
        }
        let photo = try String(contentsOf: folder.appending(path: "photo.jpg"), encoding: .utf8)
        #expect(photo == "123")
    }

    @Test func `numbers come with their trailer, as the page says`() throws {
        var router = Router()
        Self.addAnswers(to: &router)
        try withServer(router) { running in
            let client = try running.client()
            try client.send("GET /numbers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let text = String(decoding: try client.rest().bytes, as: UTF8.self)
            #expect(
                text.hasSuffix(
                    "2\r\n1\n\r\n2\r\n2\n\r\n2\r\n3\n\r\n0\r\nX-Count: 3\r\n\r\n"))
        }
    }

    @Test func `every snippet of the section is code of this file`() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/LIBRARY.md"), encoding: .utf8)
        let section = try #require(
            page.split(separator: "\n## ").first {
                $0.hasPrefix("Asynchronous handlers and streams\n")
            })
        let snippets = section.split(separator: "```swift\n").dropFirst().map { text in
            text.prefix(upTo: text.range(of: "```")?.lowerBound ?? text.endIndex)
        }
        #expect(snippets.count > 8)
        // Indentation is where a snippet stands, not what it says.
        func unindented(_ text: some StringProtocol) -> String {
            text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n")
        }
        let source = unindented(try String(contentsOfFile: #filePath, encoding: .utf8))
        for snippet in snippets {
            #expect(source.contains(unindented(snippet)), "\(snippet)")
        }
    }
}
