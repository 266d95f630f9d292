import Foundation
import Sluice
import TestSupport
import Testing

/// The snippets of docs/MIDDLEWARE.md are lines of this file, and they run.
@Suite struct MiddlewarePageTests {
    struct Timing: Middleware {
        enum Start: RequestKey { typealias Value = ContinuousClock.Instant }

        func before(_ request: inout Request, _ response: inout Response) -> MiddlewareStep {
            request[Start.self] = .now
            return .next
        }

        func after(_ request: borrowing Request, _ response: inout Response) {
            guard let start = request[Start.self] else { return }
            let duration = start.duration(to: .now) / .milliseconds(1)
            try? response.setField("Server-Timing", "handler;dur=\(duration)")
        }
    }

    struct Issuer: Sendable {
        func user(of token: String) async throws -> AuthenticatedUser? {
            await Task.yield()
            return token == "issued" ? AuthenticatedUser(name: "partner") : nil
        }
    }

    static func router() throws -> Router {
        let show: HandlerClosure = { request, response in
            response.send(request[AuthenticatedUser.self]?.name ?? "nobody")
        }
        var router = Router()
        try router.use(
            DefaultFields([
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
            ]))
        router.use(Timing())
        try addCoded(to: &router, show)
        try router.group("/api") { api in
            try api.use(
                CORS(
                    origins: ["https://app.example.org", "https://*.example.net"],
                    methods: [.get, .put], allowsCredentials: true, maxAge: .seconds(3_600)))
            api.get("/", show)
        }
        try router.group("/local") { local in
            try local.use(CORS(origins: ["http://localhost:8080"], checksOrigin: true))
            local.post("/", show)
        }
        try addLimited(to: &router, show)
        try addKnown(to: &router, show)
        return router
    }

    private static func addCoded(to router: inout Router, _ show: @escaping HandlerClosure) throws {
        try router.group("/pages") { pages in
            try pages.use(ResponseCompression())
            pages.get("/") { _, response in
                response.send(String(repeating: "tea ", count: 500))
            }
        }
        try router.group("/feeds") { feeds in
            try feeds.use(
                ResponseCompression(
                    threshold: 1_024, level: 6, types: ["application/json", "*/*+json"]))
            feeds.get("/") { _, response in
                response.send(jsonText: String(repeating: "[]", count: 1_000))
            }
        }
        try router.group("/intake") { intake in
            try intake.use(RequestDecompression(maxExpandedBytes: 8 << 20))
            intake.post("/") { request, response in
                response.send("\(request.body.count) bytes, decoded\n")
            }
        }
    }

    private static func addLimited(to router: inout Router, _ show: @escaping HandlerClosure) throws
    {
        try router.group("/reports") { reports in
            try reports.use(ConcurrencyLimit(8))
            reports.get("/", show)
        }
        try router.group("/search") { search in
            try search.use(RateLimit(requests: 60, per: .seconds(60), burst: 10))
            search.get("/", show)
        }
        try router.group("/keyed") { keyed in
            try keyed.use(
                RateLimit(requests: 1_000, per: .seconds(3_600)) { request in
                    request.fields["X-API-Key"]
                })
            keyed.get("/", show)
        }
        let inTime = RouteLimits(deadline: .seconds(5), deadlineStatus: .gatewayTimeout)
        router.get("/in-time", limits: inTime) { _, response in
            await Task.yield()
            response.send("in time")
        }
    }

    private static func addKnown(to router: inout Router, _ show: @escaping HandlerClosure) throws {
        let issuer = Issuer()
        let users = try PasswordFile(
            text: "anna:$2y$04$qTR3oTbqMY5SnRfOyHCHQeCNSOrsm7jt2.WSd7lWQht/P4uPp9SXa")
        try router.group("/admin") { admin in
            try admin.use(BasicAuthentication(realm: "tea", users: users, allowing: ["anna"]))
            admin.get("/") { request, response in
                response.send("hello, \(request[AuthenticatedUser.self]?.name ?? "nobody")")
            }
        }
        try router.group("/robots") { robots in
            try robots.use(
                BearerAuthentication(realm: "tea", tokens: ["a-long-random-text": "robot"]))
            robots.get("/", show)
        }
        try router.group("/partners") { partners in
            try partners.use(
                Authentication(
                    realm: "tea",
                    schemes: [
                        .bearer { token in try await issuer.user(of: token) }, .basic(users),
                    ]))
            partners.get("/", show)
        }
        try router.group("/inside") { inside in
            let proxies = ["127.0.0.1", "10.0.0.0/8"].compactMap { NetworkRange($0) }
            try inside.use(TrustedUserHeader(name: "X-Remote-User", from: proxies))
            inside.get("/", show)
        }
    }

    /// `anna:correct horse`
    private static let anna = "Authorization: Basic YW5uYTpjb3JyZWN0IGhvcnNl"

    @Test(arguments: [
        ("GET /api", "X: y", 200, "nobody"),
        ("POST /local", "Origin: http://localhost:8080", 200, "nobody"),
        ("POST /local", "Origin: https://evil.test", 403, nil),
        ("GET /reports", "X: y", 200, "nobody"), ("GET /search", "X: y", 200, "nobody"),
        ("GET /keyed", "X-API-Key: a", 200, "nobody"), ("GET /in-time", "X: y", 200, "in time"),
        ("GET /admin", anna, 200, "hello, anna"), ("GET /admin", "X: y", 401, nil),
        ("GET /robots", "Authorization: Bearer a-long-random-text", 200, "robot"),
        ("GET /partners", "Authorization: Bearer issued", 200, "partner"),
        ("GET /partners", anna, 200, "anna"), ("GET /partners", "X: y", 401, nil),
        ("GET /inside", "X-Remote-User: ben", 200, "ben"), ("GET /inside", "X: y", 403, nil),
        ("GET /nothing", "X: y", 404, nil), ("GET /pages", "Accept-Encoding: gzip", 200, nil),
        ("GET /feeds", "Accept-Encoding: gzip", 200, nil),
    ])
    func `the snippets do what the page says`(
        line: String, field: String, status: Int, text: String?
    ) throws {
        try withServer(Self.router()) { running in
            let response = try ask(running, "\(line) HTTP/1.1", field)
            #expect(response.status == status)
            if let text { #expect(response.text == text) }
            let isCoded = field.hasPrefix("Accept-Encoding")
            #expect(response["Content-Encoding"] == (isCoded ? "gzip" : nil))
            #expect(response["X-Content-Type-Options"] == "nosniff")
            #expect(response["Referrer-Policy"] == "no-referrer")
            #expect(response["Server-Timing"]?.hasPrefix("handler;dur=") == true)
            let challenges = response.values("WWW-Authenticate").count
            #expect(challenges == (status != 401 ? 0 : line == "GET /admin" ? 1 : 2))
        }
    }

    @Test func `a page's preflight is answered as the page says`() throws {
        try withServer(Self.router()) { running in
            let response = try ask(
                running, "OPTIONS /api HTTP/1.1", "Origin: https://a.b.example.net",
                "Access-Control-Request-Method: PUT")
            #expect(response.status == 204)
            #expect(response["Access-Control-Allow-Methods"] == "GET, PUT")
            #expect(response["Access-Control-Max-Age"] == "3600")
        }
    }

    @Test func `every snippet of the page is code of this file`() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "docs/MIDDLEWARE.md"), encoding: .utf8)
        let snippets = page.split(separator: "```swift\n").dropFirst().map { text in
            text.prefix(upTo: text.range(of: "```")?.lowerBound ?? text.endIndex)
        }
        #expect(snippets.count > 9)
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
