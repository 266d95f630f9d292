import Foundation
import Sluice
import SluiceJSON
import TestSupport
import Testing

/// The snippets of docs/LIBRARY.md about requests are lines of this file, and they run.
@Suite struct LibraryRequestTests {
    struct Tea: Codable {
        var name: String
    }

    static func router() -> Router {
        var router = Router()
        router.get("/search") { request, response in
            let page = try request.query.value("page", as: Int.self, default: 1)
            let tags = request.query.values(of: "tag")
            let isBrief = request.query.has("brief")
            response.send("\(request.query["q"] ?? "everything") \(tags) \(page) \(isBrief)")
        }
        router.get("/session") { request, response in
            response.send(request.cookies["session"] ?? "none")
        }
        router.post("/order") { request, response in
            let form = try request.form()
            let grams = try form.value("grams", as: Int.self)
            response.send("\(grams) g of \(form["tea"] ?? "any tea")")
        }
        router.post("/upload") { request, response in
            let form = try request.multipart()
            response.append("\(form["title"] ?? "untitled"):")
            if let index = form.index(of: "picture") {
                let picture = form[index]
                response.append(" \(picture.bytes.count) bytes, \(picture.fileName ?? "no file")")
            }
        }
        router.post("/teas") { request, response in
            let tea = try request.decode(Tea.self)
            try response.send(json: tea, status: .created)
        }
        router.put("/picture") { request, response in
            try request.requireContentType(["image/png", "image/jpeg"])
            response.send("a \(request.contentType?.subtype ?? "")")
        }
        router.get("/greeting") { request, response in
            let isGerman = request.preferredLanguage(of: ["en", "de"]) == "de"
            let greeting = isGerman ? "Guten Tag" : "Good day"
            switch request.preferredType(of: ["text/plain", "text/html"]) {
            case "text/html": response.send(html: "<p>\(greeting)</p>")
            case "text/plain": response.send(greeting)
            default: throw HTTPError(406, message: "there is text and HTML")
            }
        }
        router.get("/whoami") { request, response in
            response.send("\(request.clientAddress.host) by \(request.scheme) from \(request.host)")
        }
        return router
    }

    static func configuration() -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.trustedProxies = ["10.0.0.0/8", "::1"].compactMap { NetworkRange($0) }
        configuration.readsProxyProtocol = false
        return configuration
    }

    static let exchanges: [(line: String, fields: [String], body: String, text: String)] = [
        ("GET /search?q=tea+pot&tag=a&tag=b&brief", [], "", #"tea pot ["a", "b"] 1 true"#),
        ("GET /search?page=x", [], "", "400 Bad Request: 'page' is no whole number that fits\n"),
        ("GET /session", ["Cookie: a=1; session=8f2c"], "", "8f2c"),
        (
            "POST /order", ["Content-Type: application/x-www-form-urlencoded"],
            "tea=Assam&grams=100", "100 g of Assam"
        ),
        (
            "POST /upload", ["Content-Type: multipart/form-data; boundary=b"],
            """
            --b\r\nContent-Disposition: form-data; name="title"\r\n\r\nPot\r\n\
            --b\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n12\r\n\
            --b--\r\n
            """, "Pot: 2 bytes, a.png"
        ),
        (
            "POST /teas", ["Content-Type: application/json"], #"{"name": "Assam"}"#,
            #"{"name":"Assam"}"#
        ),
        ("PUT /picture", ["Content-Type: image/png"], "", "a png"),
        (
            "PUT /picture", ["Content-Type: text/plain"], "",
            "415 Unsupported Media Type: the body must be image/png or image/jpeg\n"
        ),
        ("GET /greeting", ["Accept-Language: de-CH, en;q=0.5"], "", "Guten Tag"),
        ("GET /greeting", ["Accept: text/html"], "", "<p>Good day</p>"),
        ("GET /whoami", ["X-Forwarded-For: 192.0.2.1"], "", "127.0.0.1 by http from a"),
    ]

    @Test(arguments: exchanges)
    func `the snippets do what the page says`(
        line: String, fields: [String], body: String, text: String
    ) throws {
        try withServer(
            Self.router(), { $0.trustedProxies = Self.configuration().trustedProxies },
            { running in
                let client = try running.client()
                let lines = ["Host: a", "Content-Length: \(body.utf8.count)"] + fields
                try client.send(
                    "\(line) HTTP/1.1\r\n\(lines.joined(separator: "\r\n"))\r\n\r\n\(body)")
                #expect(try client.response().text == text)
            })
    }

    @Test func `every snippet of the section is code of this file`() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/LIBRARY.md"), encoding: .utf8)
        let section = try #require(
            page.split(separator: "\n## ").first { $0.hasPrefix("Requests\n") })
        let snippets = section.split(separator: "```swift\n").dropFirst().map { text in
            text.prefix(upTo: text.range(of: "```")?.lowerBound ?? text.endIndex)
        }
        #expect(snippets.count == 8)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        for snippet in snippets {
            let lines = snippet.split(separator: "\n").map { "        \($0)" }
            #expect(source.contains(lines.joined(separator: "\n")), "\(snippet)")
        }
    }
}
