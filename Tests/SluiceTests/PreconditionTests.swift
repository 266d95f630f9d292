import Sluice
import TestSupport
import Testing

/// Conditional requests (RFC 9110 §13). The representation is `"now"`, last changed in the second
/// of `same`.
@Suite struct PreconditionTests {
    /// A condition, and whether it holds; `nil`: it does not count.
    typealias Condition = (value: String?, holds: Bool?)

    static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    static let same = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let after = "Sun, 06 Nov 1994 08:49:38 GMT"
    static let changed = 784_111_777

    static let ifMatch: [Condition] = [
        (nil, nil), ("\"now\"", true), ("\"old\"", false), ("W/\"now\"", false), ("*", true),
    ]
    static let ifUnmodifiedSince: [Condition] = [
        (nil, nil), (before, false), (same, true), (after, true), ("yesterday", nil),
    ]
    static let ifNoneMatch: [Condition] = [
        (nil, nil), ("\"now\"", false), ("W/\"now\"", false), ("\"old\"", true), ("*", false),
    ]
    static let ifModifiedSince: [Condition] = [
        (nil, nil), (before, true), (same, false), (after, false), ("yesterday", nil),
    ]

    /// RFC 9110 §13.2.2, step by step.
    static func expected(
        _ method: String, _ match: Condition, _ unmodified: Condition, _ noneMatch: Condition,
        _ modified: Condition
    ) -> Int {
        let isRead = method != "PUT"
        if match.value != nil {
            if match.holds == false { return 412 }
        } else if unmodified.holds == false {
            return 412
        }
        if noneMatch.value != nil {
            if noneMatch.holds == false { return isRead ? 304 : 412 }
        } else if isRead, modified.holds == false {
            return 304
        }
        return 200
    }

    @Test(arguments: ["GET", "HEAD", "PUT"])
    func `all combinations come to what the RFC orders`(method: String) throws {
        try withConditions { client in
            for match in Self.ifMatch {
                for unmodified in Self.ifUnmodifiedSince {
                    for noneMatch in Self.ifNoneMatch {
                        for modified in Self.ifModifiedSince {
                            let fields = [
                                ("If-Match", match.value),
                                ("If-Unmodified-Since", unmodified.value),
                                ("If-None-Match", noneMatch.value),
                                ("If-Modified-Since", modified.value),
                            ].compactMap { name, value in value.map { "\(name): \($0)" } }
                            let status = try client.status(of: "\(method) /", fields)
                            let expected = Self.expected(
                                method, match, unmodified, noneMatch, modified)
                            #expect(status == expected, "\(method) \(fields)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [
        (["If-None-Match: \"a\", \"now\", \"b\""], 304),
        (["If-None-Match: \"a\"", "If-None-Match: W/\"now\""], 304),
        (["If-None-Match: \"a,\\\"now\\\"\""], 200),
        (["If-None-Match: ,, \"now\" ,"], 304), (["If-None-Match: \"now"], 200),
        (["If-None-Match: now"], 200), (["If-None-Match: junk, \"now\""], 304),
        (["If-None-Match: w/\"now\""], 200), (["If-None-Match: "], 200),
        (["If-None-Match: \"a\", *"], 304), (["If-Match: \"a\", \"now\""], 200),
        (["If-Match: \"a\", W/\"now\""], 412), (["If-Match: "], 412),
        (["If-Modified-Since: \(same)", "If-Modified-Since: \(same)"], 200),
        (["If-Unmodified-Since: \(before)", "If-Unmodified-Since: \(before)"], 200),
        (["If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT"], 304),
        (["If-Modified-Since: Sun Nov  6 08:49:37 1994"], 304),
        (["If-Modified-Since: Sun, 06 Nov 1994 08:49:37 CET"], 200),
        (["IF-NONE-MATCH: \"now\""], 304),
    ])
    func `lists, several lines and odd spellings are read`(fields: [String], status: Int) throws {
        try withConditions { client in
            let answered = try client.status(of: "GET /", fields)
            #expect(answered == status)
        }
    }

    @Test(arguments: [
        ("GET /nothing", "If-Match: *", 412), ("PUT /nothing", "If-None-Match: *", 200),
        ("PUT /nothing", "If-Match: \"now\"", 412), ("PUT /", "If-None-Match: *", 412),
        ("GET /bare", "If-None-Match: \"now\"", 200), ("GET /bare", "If-None-Match: *", 304),
        ("GET /bare", "If-Match: \"now\"", 412), ("GET /bare", "If-Match: *", 200),
        ("GET /bare", "If-Modified-Since: \(after)", 200),
        ("GET /bare", "If-Unmodified-Since: \(before)", 200),
        ("POST /", "If-Modified-Since: \(after)", 200), ("POST /", "If-None-Match: \"now\"", 412),
        ("OPTIONS /", "If-None-Match: *", 200), ("OPTIONS /", "If-Match: \"old\"", 200),
    ])
    func `what is not there, or has no validators, is told apart`(
        line: String, field: String, status: Int
    ) throws {
        try withConditions { client in
            let answered = try client.status(of: line, [field])
            #expect(answered == status)
        }
    }

    @Test(arguments: [
        ("\"now\"", true), ("W/\"now\"", false), ("\"old\"", false), ("*", false),
        ("\"now\", \"old\"", false), (same, true), (before, false), (after, false), ("now", false),
    ])
    func `a range counts only when If-Range names what is there`(
        value: String, counts: Bool
    ) throws {
        try withConditions { client in
            let fields = ["Range: bytes=0-0", "If-Range: \(value)"]
            let text = try client.text(of: "GET /range", fields)
            #expect(text == (counts ? "[0..<1]" : "whole"))
        }
    }

    @Test func `a time of change that is not over proves nothing to If-Range`() throws {
        try withConditions { client in
            let fields = ["Range: bytes=0-0", "If-Range: Fri, 01 Jan 2100 00:00:00 GMT"]
            let text = try client.text(of: "GET /fresh", fields)
            #expect(text == "whole")
        }
    }

    @Test func `validators are set as fields`() throws {
        let response = try answer { response in
            try response.setValidators(
                Validators(
                    entityTag: EntityTag(value: "a", isWeak: true),
                    lastModifiedUnixSeconds: Self.changed))
        }
        #expect(response["ETag"] == "W/\"a\"")
        #expect(response["Last-Modified"] == Self.same)
    }

    @Test func `a time that no date can say is refused`() throws {
        let response = try answer { response in
            #expect(throws: InvalidField.self) {
                try response.setValidators(Validators(lastModifiedUnixSeconds: .max))
            }
        }
        #expect(response["Last-Modified"] == nil)
    }

    /// A server whose answers say what the conditions come to.
    private func withConditions(_ body: (RawClient) throws -> Void) throws {
        let tag = EntityTag(value: "now")
        let full = Validators(entityTag: tag, lastModifiedUnixSeconds: Self.changed)
        var router = Router()
        for (path, validators) in [("/", full), ("/nothing", nil), ("/bare", Validators())] {
            router.any(path) { request, response in
                switch request.evaluate(validators) {
                case .proceed: response.send("fine")
                case .notModified: response.status = .notModified
                case .failed: throw HTTPError(.preconditionFailed)
                }
            }
        }
        router.get("/range") { request, response in
            response.send(describe(request.ranges(ofByteCount: 10, full)))
        }
        router.get("/fresh") { request, response in
            let validators = Validators(lastModifiedUnixSeconds: 4_102_444_800)
            response.send(describe(request.ranges(ofByteCount: 10, validators)))
        }
        try withServer(router) { running in try body(try running.client()) }
    }
}

extension RawClient {
    /// The status of the answer to one request.
    fileprivate func status(of line: String, _ fields: [String]) throws -> Int {
        try answer(to: line, fields).status
    }

    /// The body of the answer to one request.
    fileprivate func text(of line: String, _ fields: [String]) throws -> String {
        try answer(to: line, fields).text
    }
}
