import Sluice
import TestSupport
import Testing

/// What a pattern can be, and which one of several answers.
@Suite struct RoutePatternTests {
    /// The pattern that answers GET for a path; `nil` when none does.
    static func answer(_ patterns: [String], _ path: String) throws -> String? {
        var router = Router()
        for pattern in patterns { router.get(pattern) { _, _ in } }
        return try RouteLookup(router).pattern(.get, Array(path.utf8))
    }

    @Test(arguments: [
        ("/", "/", true), ("/", "//", false), ("/a", "/a", true), ("/a", "/a/", false),
        ("/a", "/A", false), ("/a/", "/a/", true), ("/a/", "/a", false), ("/a//b", "/a//b", true),
        ("/a//b", "/a/b", false), ("/a/{id}", "/a/1", true), ("/a/{id}", "/a/", false),
        ("/a/{id}", "/a", false), ("/a/{id}", "/a/1/2", false), ("/{x}/b", "//b", false),
        ("/a/{rest...}", "/a", true), ("/a/{rest...}", "/a/", true),
        ("/a/{rest...}", "/a/b/c", true), ("/a/{rest...}", "/ab", false),
        ("/{rest...}", "/", true), ("/a/*", "/a", true), ("/a/*", "/a/b/c", true),
        ("/*", "/", true), ("*", "/", true), ("*", "/a/b", true), ("*.data", "/x.data", true),
        ("*.data", "/a/b/.data", true), ("*.data", "/x.data/", false), ("*.data", "/", false),
        ("/a/*.x", "/a", false), ("/a/*.x", "/a/1.x", true), ("/a/*.x", "/a/b/1.x", true),
        ("/a/*/z", "/a/z", true), ("/a/*/z", "/a/b/c/z", true), ("/a/*/z", "/a/b/zz", false),
        ("/a/*z", "/a/b/zz", true), ("/a/*.x/y", "/a/1.x/y", true),
        ("/a/*.x/y", "/a/y", false), ("/u/{id}/*", "/u/1/a", true), ("/u/{id}/*", "/u", false),
    ])
    func `patterns match whole segments`(pattern: String, path: String, isMatch: Bool) throws {
        #expect(try (Self.answer([pattern], path) != nil) == isMatch)
    }

    @Test(arguments: [
        ("/a%20b", "/a%20b", true), ("/caf%C3%A9", "/café", true),
        ("/café", "/caf%c3%a9", true), ("/abc", "/%61%62%63", true), ("/%61", "/a", true),
        ("/a", "/%2561", false), ("/a%2Fb", "/a%2fb", true), ("/a%2Fb", "/a/b", false),
        ("/a/b", "/a%2Fb", false), ("/{x}", "/a%2Fb", true), ("/{x}/b", "/a%2Fb", false),
        ("/*.x", "/a%2Ex", true), ("/*.x", "/a.%78", true), ("/a/*/z", "/a/b%2Fz", false),
        ("/%2A", "/*", true), ("/%2A", "/a", false), ("/%7Bx%7D", "/%7bx%7d", true),
        ("/%FF", "/%ff", true), ("/.", "/.", true), ("/..", "/%2e%2E", true),
        ("/a/../b", "/b", false), ("/a/{x}", "/a/..", true),
    ])
    func `segments are compared once decoded, and a slash that was encoded splits nothing`(
        pattern: String, path: String, isMatch: Bool
    ) throws {
        #expect(try (Self.answer([pattern], path) != nil) == isMatch)
    }

    @Test func `bytes that are no UTF-8 are compared as they are`() throws {
        var router = Router()
        router.get("/%C3%28") { _, _ in }
        router.get("/other/{x}") { _, _ in }
        let lookup = try RouteLookup(router)
        #expect(lookup.pattern(.get, [0x2F, 0xC3, 0x28]) == "/%C3(")
        #expect(lookup.pattern(.get, Array("/other/".utf8) + [0xFF]) == "/other/{x}")
    }

    @Test(arguments: [
        ("a", "begins with a slash"), ("", "begins with a slash"),
        ("/a b", "write it as %20"), ("/a?b", "write it as %3F"), ("/a\u{1}", "write it as %01"),
        ("/a%2", "no two digits"), ("/a%zz", "no two digits"), ("/a*", "right behind a slash"),
        ("/abc/def*", "right behind a slash"), ("/**", "right behind a slash"),
        ("/v1/*/*", "at most one star"), ("*.a/*", "at most one star"),
        ("/{a...}/b", "not the last segment"), ("/*/{a}", "parameters come before it"),
        ("/{a...}/*", "not the last segment"), ("/*/{a...}", "parameters come before it"),
        ("/{a}.json", "a parameter is a whole segment"), ("/{a", "a parameter is a whole segment"),
        ("/a}", "a parameter is a whole segment"), ("/{}", "no name"), ("/{1a}", "no name"),
        ("/{a-b}", "no name"), ("/{a}/{a}", "two parameters called 'a'"),
        ("/{a}/{a...}", "two parameters called 'a'"),
        (String(repeating: "/a", count: 33), "more than 32 segments"),
    ])
    func `what a pattern cannot be is refused, and the reason says what can`(
        pattern: String, reason: String
    ) throws {
        var router = Router()
        router.get(pattern) { _, _ in }
        let error = #expect(throws: RouteError.self) { try RouteLookup(router) }
        let problem = try #require(error?.problems.first)
        #expect(problem.hasPrefix("GET \(pattern): "))
        #expect(problem.contains(reason), "\(problem)")
    }

    @Test func `thirty-two segments are not too many`() throws {
        let pattern = "/{a}" + String(repeating: "/a", count: 31)
        #expect(try Self.answer([pattern], String(repeating: "/a", count: 32)) == pattern)
    }

    @Test(arguments: [
        ("/a/{x}", "/a/{y}"), ("/a", "/%61"), ("/a/{x...}", "/a/*"), ("/a/{x...}", "/a/{y...}"),
        ("*", "/*"), ("/café", "/caf%C3%A9"), ("*.x", "/*.x"), ("/", "/"),
    ])
    func `two routes that answer the same are refused by name`(
        first: String, second: String
    ) throws {
        var router = Router()
        router.get(first) { _, _ in }
        router.post(second) { _, _ in }
        _ = try RouteLookup(router)
        router.get(second) { _, _ in }
        let error = #expect(throws: RouteError.self) { try RouteLookup(router) }
        let problem = try #require(error?.problems.first)
        #expect(problem.contains("answers the same as GET /"), "\(problem)")
    }

    /// The most specific first.
    static let ranked = [
        "/a/b/c", "/a/b/{x}", "/a/b", "/a/b/*.json/x", "/a/b/*.json", "/a/b/*n", "/a/b/*",
        "/a/{x}/c", "/a/{x}/{y}", "/a/{x}", "/a/*/c", "/a/*.json", "/a/*", "/{x}/b/c", "/{x}",
        "/", "/*.json", "/*",
    ]

    @Test(arguments: [
        (
            "/a/b/c",
            [
                "/a/b/c", "/a/b/{x}", "/a/b/*", "/a/{x}/c", "/a/{x}/{y}", "/a/*/c", "/a/*",
                "/{x}/b/c", "/*",
            ]
        ),
        ("/a/b", ["/a/b", "/a/b/*", "/a/{x}", "/a/*", "/*"]),
        (
            "/a/b/1.json",
            [
                "/a/b/{x}", "/a/b/*.json", "/a/b/*n", "/a/b/*", "/a/{x}/{y}",
                "/a/*.json", "/a/*", "/*.json", "/*",
            ]
        ),
        ("/a/b/1.json/x", ["/a/b/*.json/x", "/a/b/*", "/a/*", "/*"]),
        ("/a", ["/a/*", "/{x}", "/*"]), ("/", ["/", "/*"]), ("/z", ["/{x}", "/*"]),
        ("/z/b/c", ["/{x}/b/c", "/*"]), ("/z/y.json", ["/*.json", "/*"]),
    ])
    func `the most specific pattern answers, whatever the order of registration`(
        path: String, matching: [String]
    ) throws {
        var left = Self.ranked
        var generator = SeededGenerator(seed: 5)
        for expected in matching {
            for _ in 0..<10 {
                #expect(try Self.answer(left.shuffled(using: &generator), path) == expected)
            }
            left.removeAll { $0 == expected }
        }
        #expect(try Self.answer(left, path) == nil)
    }
}
