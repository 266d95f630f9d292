import Sluice
import TestSupport
import Testing

/// Users that a proxy names.
@Suite(.onEveryEngine) struct TrustedUserHeaderTests {
    private static func router(
        _ range: String, required: Bool = true, allowing: AllowedUsers = .all
    ) throws -> Router {
        var router = Router()
        try router.use(
            TrustedUserHeader(
                name: "X-Remote-User", from: [NetworkRange(range)!], required: required,
                allowing: allowing))
        router.get("/") { request, response in
            response.send(request[AuthenticatedUser.self]?.name ?? "nobody")
        }
        return router
    }

    @Test func `a proxy that is believed names the user`() throws {
        let cases: [([String], Int, String?)] = [
            (["x-remote-user: chloé"], 200, "chloé"), ([], 403, nil),
            (["X-Remote-User: anna", "X-Remote-User: ben"], 400, nil),
            (["X-Remote-User:"], 400, nil),
            (["X-Remote-User: a\tb"], 400, nil),
            (["X-Remote-User: \(String(repeating: "a", count: 257))"], 400, nil),
            (["X-Remote-User: carl"], 403, nil),
        ]
        let router = try Self.router("127.0.0.0/8", allowing: ["anna", "chloé"])
        try withServer(router) { running throws in
            for (fields, status, text) in cases {
                let response = try ask(running, "GET /", fields)
                #expect(response.status == status, "\(fields)")
                if let text { #expect(response.text == text) }
            }
        }
    }

    @Test func `nobody else does, whoever they say that they speak for`() throws {
        let fields = ["X-Remote-User: anna", "X-Forwarded-For: 192.0.2.1"]
        for (required, status, text) in [
            (true, 403, "403 Forbidden: this is not allowed\n"), (false, 200, "nobody"),
        ] {
            try withServer(Self.router("192.0.2.0/24", required: required)) {
                $0.trustedProxies = [NetworkRange("127.0.0.1")!]
            } _: { running throws in
                let response = try ask(running, "GET /", fields)
                #expect(response.status == status)
                #expect(response.text == text)
            }
        }
    }

    @Test func `without a user that is required, a proxy's request goes on too`() throws {
        try withServer(Self.router("127.0.0.1", required: false)) { running throws in
            #expect(try ask(running, "GET /").text == "nobody")
        }
    }

    @Test func `settings that cannot be are errors at once`() {
        let name = #expect(throws: InvalidMiddleware.self) {
            try TrustedUserHeader(name: "X Y", from: [NetworkRange("::1")!])
        }
        #expect(name?.description == "TrustedUserHeader: name 'X Y' is no token")
        let ranges = #expect(throws: InvalidMiddleware.self) {
            try TrustedUserHeader(name: "X-Y", from: [])
        }
        #expect(
            ranges?.description == "TrustedUserHeader: from is empty, so that nobody is believed")
    }
}
