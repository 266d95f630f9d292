import Sluice
import TestSupport
import Testing

/// What pages of other origins may do.
@Suite(.onEveryEngine) struct CORSTests {
    struct Failure: Error {}

    private static let preflight = [
        "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-a, x-b",
    ]

    private static func router(_ cors: CORS) -> Router {
        var router = Router()
        router.use(cors)
        router.get("/") { _, response in response.send("a") }
        router.put("/") { request, response in response.send("\(request.body.count)") }
        router.get("/failing") { _, _ in throw Failure() }
        router.get("/varied") { _, response in
            try response.setField("Vary", "Accept-Encoding, origin")
        }
        router.get("/own") { _, response in
            try response.setField("Access-Control-Allow-Origin", "https://own.example")
        }
        return router
    }

    private static let allowed = [
        "https://example.org", "http://localhost:3000", "https://*.example.net",
        "https://*.example.com:8443", "http://[::1]:3000", "HTTPS://Big.Example:443",
    ]

    @Test func `origins are compared with scheme, host and port`() throws {
        let origins: [(String, Bool)] = [
            ("https://example.org", true), ("http://example.org", false),
            ("https://example.org:444", false), ("https://a.example.org", false),
            ("https://example.org.evil.test", false), ("https://evilexample.org", false),
            ("http://localhost:3000", true), ("http://localhost", false),
            ("http://localhost:30000", false), ("https://a.example.net", true),
            ("https://a.b-c.d_e.example.net", true), ("https://example.net", false),
            ("https://.example.net", false), ("https://a..example.net", false),
            ("https://evilexample.net", false), ("https://evil.test/.example.net", false),
            ("https://evil.test:1.example.net", false), ("https://evil@a.example.net", false),
            ("http://a.example.net", false), ("https://a.example.net:444", false),
            ("https://a.example.com:8443", true), ("https://a.example.com", false),
            ("http://[::1]:3000", true), ("https://big.example", true), ("null", false),
            ("https://", false), ("", false),
        ]
        let cors = try CORS(origins: Self.allowed)
        try withServer(Self.router(cors)) { running throws in
            for (origin, isAllowed) in origins {
                let response = try ask(running, "GET /", ["Origin: \(origin)"])
                #expect(response.status == 200)
                #expect(
                    response["Access-Control-Allow-Origin"] == (isAllowed ? origin : nil),
                    "\(origin)")
                #expect(response["Vary"] == "Origin")
            }
        }
    }

    @Test func `null is an origin only where it is listed`() throws {
        try withServer(Self.router(CORS(origins: ["null"]))) { running throws in
            let response = try ask(running, "GET /", ["Origin: null"])
            #expect(response["Access-Control-Allow-Origin"] == "null")
        }
    }

    @Test func `a preflight is answered with what a page may do`() throws {
        let cors = try CORS(
            origins: Self.allowed, methods: [.get, .put], exposedHeaders: ["X-Count"],
            allowsCredentials: true, maxAge: .seconds(600))
        try withServer(Self.router(cors)) { running throws in
            for target in ["/", "/nothing"] {
                let response = try ask(
                    running, "OPTIONS \(target)", ["Origin: https://example.org"] + Self.preflight)
                #expect(response.status == 204)
                #expect(response["Access-Control-Allow-Origin"] == "https://example.org")
                #expect(response["Access-Control-Allow-Methods"] == "GET, PUT")
                #expect(response["Access-Control-Allow-Headers"] == "x-a, x-b")
                #expect(response["Access-Control-Allow-Credentials"] == "true")
                #expect(response["Access-Control-Max-Age"] == "600")
                #expect(response["Access-Control-Expose-Headers"] == nil)
                #expect(
                    response["Vary"]
                        == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
                #expect(response["Allow"] == nil)
            }
        }
    }

    @Test func `a preflight of a foreign origin is permitted nothing`() throws {
        try withServer(Self.router(CORS(origins: Self.allowed))) { running throws in
            let response = try ask(
                running, "OPTIONS /", ["Origin: https://evil.test"] + Self.preflight)
            #expect(response.status == 204)
            #expect(!response.fields.contains { $0.name.hasPrefix("Access-Control") })
            #expect(
                response["Vary"]
                    == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
        }
    }

    @Test func `OPTIONS that is no preflight goes on`() throws {
        try withServer(Self.router(CORS(origins: Self.allowed))) { running throws in
            let response = try ask(running, "OPTIONS /", ["Origin: https://example.org"])
            #expect(response["Allow"] == "GET, HEAD, PUT, OPTIONS")
            #expect(response["Access-Control-Allow-Origin"] == "https://example.org")
            #expect(response["Vary"] == "Origin")
        }
    }

    @Test func `errors can be read by pages too`() throws {
        let cors = try CORS(
            origins: Self.allowed, headers: ["X-A"], exposedHeaders: ["X-Count", "X-Time"])
        try withServer(Self.router(cors)) { running throws in
            for (line, status) in [
                ("GET /failing", 500), ("GET /nothing", 404), ("DELETE /", 405),
            ] {
                let response = try ask(running, line, ["Origin: https://example.org"])
                #expect(response.status == status)
                #expect(response["Access-Control-Allow-Origin"] == "https://example.org")
                #expect(response["Access-Control-Expose-Headers"] == "X-Count, X-Time")
                #expect(response.values("Vary") == ["Accept", "Origin"])
            }
            let preflight = try ask(
                running, "OPTIONS /", ["Origin: https://example.org"] + Self.preflight)
            #expect(preflight["Access-Control-Allow-Headers"] == "X-A")
        }
    }

    @Test func `what the answer says already is not said again`() throws {
        try withServer(Self.router(CORS(origins: Self.allowed))) { running throws in
            let varied = try ask(running, "GET /varied", ["Origin: https://example.org"])
            #expect(varied["Vary"] == "Accept-Encoding, origin")
            let own = try ask(running, "GET /own", ["Origin: https://example.org"])
            #expect(own["Access-Control-Allow-Origin"] == "https://own.example")
            let unasked = try ask(running, "GET /")
            #expect(unasked["Vary"] == "Origin")
            #expect(unasked["Access-Control-Allow-Origin"] == nil)
        }
    }

    @Test func `a star is for everybody, and the same for all`() throws {
        try withServer(Self.router(CORS(origins: ["*"]))) { running throws in
            for fields in [[], ["Origin: https://example.org"], ["Origin: null"]] {
                let response = try ask(running, "GET /", fields)
                #expect(response["Access-Control-Allow-Origin"] == "*")
                #expect(response["Vary"] == nil)
            }
            let preflight = try ask(
                running, "OPTIONS /", ["Origin: https://example.org"] + Self.preflight)
            #expect(preflight.status == 204)
            #expect(preflight["Access-Control-Allow-Origin"] == "*")
            #expect(preflight["Access-Control-Allow-Headers"] == "x-a, x-b")
        }
    }

    @Test func `a foreign origin can be kept from the handler`() throws {
        let cors = try CORS(origins: ["https://example.org"], checksOrigin: true)
        var router = Router()
        router.use(cors)
        router.put("/") { request, response in response.send("\(request.body.count)") }
        let cases: [([String], Int)] = [
            ([], 200), (["Origin: https://example.org"], 200), (["Origin: https://evil.test"], 403),
            (["Origin: null"], 403), (["Origin: http://a"], 403),
            (["Origin: https://example.org", "Origin: https://example.org"], 403),
        ]
        try withServer(router) { running throws in
            for (fields, status) in cases {
                let response = try ask(running, "PUT /", fields, body: "abc")
                #expect(response.status == status, "\(fields)")
                if status == 403 { #expect(response["Access-Control-Allow-Origin"] == nil) }
            }
            let preflight = try ask(
                running, "OPTIONS /", ["Origin: https://evil.test"] + Self.preflight)
            #expect(preflight.status == 403)
        }
    }

    @Test func `a group's policy is around the group only`() throws {
        var router = Router()
        router.get("/outside") { _, _ in }
        try router.group("/api") { api in
            try api.use(CORS(origins: ["https://example.org"]))
            api.put("/x") { _, _ in }
        }
        try withServer(router) { running throws in
            let fields = ["Origin: https://example.org"] + Self.preflight
            let inside = try ask(running, "OPTIONS /api/x", fields)
            #expect(inside["Access-Control-Allow-Origin"] == "https://example.org")
            let outside = try ask(running, "OPTIONS /outside", fields)
            #expect(outside["Access-Control-Allow-Origin"] == nil)
            #expect(outside["Allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test(
        arguments: [
            ([], "CORS: origins is empty, so that nobody could ask"),
            (["*", "null"], "CORS: origins has * beside others; it stands alone"),
            (
                ["example.org"],
                "CORS: origin 'example.org': it has no scheme; an origin is such as "
                    + "https://example.org"
            ),
            (["://a"], "CORS: origin '://a': '' is no scheme"),
            (
                ["https://a/"],
                "CORS: origin 'https://a/': 'a/' is no host; an origin has no path, and a star only "
                    + "for the first labels of a host"
            ),
            (
                ["https://a.*.b"],
                "CORS: origin 'https://a.*.b': 'a.*.b' is no host; an origin has no path, and a star "
                    + "only for the first labels of a host"
            ),
            (
                ["https://*."],
                "CORS: origin 'https://*.': '' is no domain to stand behind a star"
            ),
            (
                ["https://a:0"],
                "CORS: origin 'https://a:0': '0' is no port; one is in 1 ... 65535"
            ),
            (
                ["https://a:+1"],
                "CORS: origin 'https://a:+1': '+1' is no port; one is in 1 ... 65535"
            ),
        ] as [([String], String)])
    func `what is no origin is an error at once`(origins: [String], description: String) {
        let error = #expect(throws: InvalidMiddleware.self) { try CORS(origins: origins) }
        #expect(error?.description == description)
    }

    @Test func `what the standard forbids is an error at once`() {
        let settings: [(() throws -> CORS, String)] = [
            (
                { try CORS(origins: ["*"], allowsCredentials: true) },
                "CORS: origins * with allowsCredentials is forbidden (Fetch §3.3.5); list origins"
            ),
            (
                { try CORS(origins: ["https://a"], headers: ["*"], allowsCredentials: true) },
                "CORS: headers has *, which stands for itself where credentials are allowed "
                    + "(Fetch §3.3.5); list what is meant"
            ),
            (
                { try CORS(origins: ["*"], checksOrigin: true) },
                "CORS: origins * with checksOrigin checks nothing; list origins"
            ),
            (
                { try CORS(origins: ["*"], headers: ["a b"]) },
                "CORS: headers has 'a b', which is no token"
            ),
            (
                { try CORS(origins: ["*"], maxAge: .seconds(86_401)) },
                "CORS: maxAge 86401.0 seconds is not in 0 ... 86,400 seconds"
            ),
        ]
        for (make, description) in settings {
            let error = #expect(throws: InvalidMiddleware.self) { try make() }
            #expect(error?.description == description)
        }
    }
}
