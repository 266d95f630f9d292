import Foundation
import Sluice
import TestSupport
import Testing

/// The snippets of docs/LIBRARY.md about responses and errors are lines of this file, and they run.
@Suite struct LibraryResponseTests {
    struct HousePages: ErrorRenderer {
        func render(
            _ error: HTTPError, _ context: borrowing ErrorContext, into response: inout Response
        ) throws {
            guard context.format == .html else {
                StandardErrorRenderer().render(error, context, into: &response)
                return
            }
            response.send(html: "<h1>Sorry</h1><p>\(error.message.escapedForHTML)</p>")
        }
    }

    static func router() -> Router {
        var router = Router()
        router.get("/text") { _, response in
            response.send("plain text, as UTF-8")
        }
        router.get("/page") { request, response in
            let name = request.query["name"] ?? "World"
            response.send(html: "<!DOCTYPE html><p>Hello, \(name.escapedForHTML)!</p>")
        }
        router.get("/json") { _, response in
            response.send(jsonText: #"{"ready":true}"#)
        }
        router.get("/table") { _, response in
            try response.send("a,b\n1,2\n", as: "text/csv; charset=utf-8")
        }
        router.post("/orders") { _, response in
            response.status = .created
            try response.setField("Location", "/orders/7")
            try response.addField("Link", "</orders>; rel=\"collection\"")
            try response.addField("Link", "</help>; rel=\"help\"")
        }
        router.get("/closed") { _, response in
            try response.setStatus(499, reason: "Client Closed Request")
        }
        router.post("/login") { _, response in
            let session = Cookie("__Host-session", "8f2c", maxAge: .seconds(3_600), secure: true)
            try response.setCookie(session)
            try response.redirect(to: "/")
        }
        router.post("/logout") { _, response in
            try response.deleteCookie("__Host-session")
            try response.redirect(to: "/")
        }
        router.get("/old") { _, response in
            try response.redirect(to: "/new place", status: .permanentRedirect)
        }
        router.get("/tea") { request, response in
            guard let cups = request.query["cups"].flatMap({ Int($0) }) else {
                throw HTTPError(
                    .badRequest, code: "invalid_parameter", message: "cups is no number",
                    field: "cups")
            }
            if cups > 2 {
                throw HTTPError(.tooManyRequests, fields: [("Retry-After", "60")])
            }
            response.send("\(cups) cups of tea")
        }
        return router
    }

    static func configure(_ configuration: inout ServerConfiguration) {
        configuration.errorRenderer = HousePages()
    }

    static let answers: [(line: String, status: Int, fields: [String: String], text: String)] = [
        ("GET /text", 200, ["Content-Type": "text/plain; charset=utf-8"], "plain text, as UTF-8"),
        (
            "GET /page?name=%3Cb%3E", 200, ["Content-Type": "text/html; charset=utf-8"],
            "<!DOCTYPE html><p>Hello, &lt;b&gt;!</p>"
        ),
        ("GET /json", 200, ["Content-Type": "application/json"], #"{"ready":true}"#),
        ("GET /table", 200, ["Content-Type": "text/csv; charset=utf-8"], "a,b\n1,2\n"),
        ("POST /orders", 201, ["Location": "/orders/7"], ""),
        ("GET /closed", 499, [:], ""),
        ("GET /tea?cups=2", 200, [:], "2 cups of tea"),
        ("GET /tea?cups=x", 400, [:], "400 Bad Request: cups is no number\n"),
        (
            "GET /tea?cups=3", 429, ["Retry-After": "60"],
            "429 Too Many Requests: too many requests have come\n"
        ),
    ]

    @Test func `the snippets do what the page says`() throws {
        try withServer(Self.router(), Self.configure) { running in
            for (line, status, fields, text) in Self.answers {
                let response = try ask(running, "\(line) HTTP/1.1")
                #expect(response.status == status, "\(line)")
                #expect(response.text == text, "\(line)")
                for (name, value) in fields { #expect(response[name] == value, "\(line)") }
            }
            let closed = try ask(running, "GET /closed HTTP/1.1")
            #expect(closed.reason == "Client Closed Request")
            let created = try ask(running, "POST /orders HTTP/1.1")
            #expect(created.values("Link").count == 2)
        }
    }

    @Test func `cookies and redirects go out as the page says`() throws {
        try withServer(Self.router(), Self.configure) { running in
            let login = try ask(running, "POST /login HTTP/1.1")
            #expect(login.status == 303)
            #expect(login["Location"] == "/")
            #expect(
                login["Set-Cookie"]
                    == "__Host-session=8f2c; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax")
            let logout = try ask(running, "POST /logout HTTP/1.1")
            #expect(logout["Set-Cookie"]?.contains("Expires=Thu, 01 Jan 1970") == true)
            let old = try ask(running, "GET /old HTTP/1.1")
            #expect(old.status == 308)
            #expect(old["Location"] == "/new%20place")
        }
    }

    @Test func `the renderer of the page writes pages, and leaves the rest alone`() throws {
        try withServer(Self.router(), Self.configure) { running in
            let page = try ask(running, "GET /tea HTTP/1.1", "Accept: text/html")
            #expect(page.text == "<h1>Sorry</h1><p>cups is no number</p>")
            let problem = try ask(running, "GET /tea HTTP/1.1", "Accept: application/json")
            #expect(problem["Content-Type"] == "application/problem+json")
            #expect(problem.text.contains(#""code":"invalid_parameter","field":"cups""#))
        }
    }

    @Test func `every snippet of the section is code of this file`() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/LIBRARY.md"), encoding: .utf8)
        let section = try #require(
            page.split(separator: "\n## ").first { $0.hasPrefix("Responses and errors\n") })
        let snippets = section.split(separator: "```swift\n").dropFirst().map { text in
            text.prefix(upTo: text.range(of: "```")?.lowerBound ?? text.endIndex)
        }
        #expect(snippets.count > 5)
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
