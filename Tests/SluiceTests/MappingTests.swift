import Sluice
import TestSupport
import Testing

/// Mapping strings and services, held against the rules of brpc's that they follow.
@Suite struct MappingTests {
    /// A router with mappings of names to themselves.
    static func lookup(_ mappings: String...) throws -> RouteLookup {
        var router = Router()
        for mappings in mappings { try router.map(mappings, to: handlers) }
        return try RouteLookup(router)
    }

    /// A router with the service `QueueService`, or another, with four methods.
    static func service(
        _ mappings: String = "", named name: String = "QueueService", hasDefault: Bool = false,
        allowsDefaultURL: Bool = false, global: String? = nil
    ) throws -> RouteLookup {
        var service = Service(name)
        for method in ["start", "stop", "get_stats", "download_data"] {
            service.method(method) { _, _ in }
        }
        if hasDefault { service.defaultMethod { _, _ in } }
        var router = Router()
        try router.add(service, mappings: mappings, allowsDefaultURL: allowsDefaultURL)
        if let global { try router.map(global, to: handlers) }
        return try RouteLookup(router)
    }

    static let handlers: [String: HandlerClosure] = ["echo": { _, _ in }, "other": { _, _ in }]

    static func answer(_ lookup: RouteLookup, _ path: String) -> String? {
        lookup.pattern(.get, Array(path.utf8))
    }

    @Test(
        arguments: [
            ("/QueueService/start", "/QueueService/start/*"),
            ("/QueueService/start/a/b", "/QueueService/start/*"),
            ("/QueueService//start///a//", "/QueueService/start/*"),
            ("//QueueService/stop", "/QueueService/stop/*"),
            ("/QueueService", nil), ("/QueueService/", nil), ("/QueueService/nothing", nil),
            ("/queueservice/start", nil), ("/QueueService/starts", nil), ("/", nil),
        ] as [(String, String?)])
    func `rules 1 and 2: the first segment is a service, the second its method`(
        path: String, pattern: String?
    ) throws {
        #expect(try Self.answer(Self.service(), path) == pattern)
    }

    @Test func `rule 1: a name with a dot is the full name, and the short one works, too`() throws {
        let lookup = try Self.service(named: "example.v1.EchoService")
        #expect(Self.answer(lookup, "/example.v1.EchoService/start") != nil)
        #expect(Self.answer(lookup, "/EchoService/start") != nil)
        #expect(Self.answer(lookup, "/v1.EchoService/start") == nil)
    }

    @Test(
        arguments: [
            ("/QueueService", "/QueueService/*"), ("/QueueService/a/b", "/QueueService/*"),
            ("/QueueService//a", "/QueueService/*"),
            ("/QueueService/start", "/QueueService/start/*"),
            ("/QueueService/default_method/x", "/QueueService/default_method/*"), ("/other", nil),
        ] as [(String, String?)])
    func `rule 2: the default method answers what no other does`(
        path: String, pattern: String?
    ) throws {
        #expect(try Self.answer(Self.service(hasDefault: true), path) == pattern)
    }

    @Test func `rules 3 and 4: patterns without a fixed first segment come last`() throws {
        let lookup = try Self.service("/v1/start => start", global: "* => echo, *.flv => other")
        #expect(Self.answer(lookup, "/v1/start") == "/v1/start")
        #expect(Self.answer(lookup, "/v1/1.flv") == "/*.flv")
        #expect(Self.answer(lookup, "/QueueService/stop/1.flv") == "/QueueService/stop/*")
        #expect(Self.answer(lookup, "/QueueService") == "/*")
        #expect(Self.answer(lookup, "/QueueService/nothing") == "/*")
    }

    @Test func `rule 5: a mapped method is not at its default URL, and nothing else is there`()
        throws
    {
        let lookup = try Self.service(
            "/v1/start => start", hasDefault: true, global: "* => echo")
        #expect(Self.answer(lookup, "/v1/start") == "/v1/start")
        #expect(Self.answer(lookup, "/QueueService/start") == nil)
        #expect(Self.answer(lookup, "/QueueService/start/more") == nil)
        #expect(lookup.allow(Array("/QueueService/start".utf8)) == nil)
        #expect(Self.answer(lookup, "/QueueService/stop") == "/QueueService/stop/*")
    }

    @Test func `rule 5: allowsDefaultURL keeps it there`() throws {
        let lookup = try Self.service("/v1/start => start", allowsDefaultURL: true)
        #expect(Self.answer(lookup, "/v1/start") == "/v1/start")
        #expect(Self.answer(lookup, "/QueueService/start") == "/QueueService/start/*")
    }

    @Test(arguments: [
        "/a=>echo", "/a => echo", "/a ==> echo", "  /a ===> echo  ", "/a => echo,",
        "/a => echo ,, ", ",/a => echo", "\n\t/a\t=>\techo\n,\n", "a => echo", "//a/ => echo",
    ])
    func `rule 6: arrows, spaces and commas are read leniently`(mapping: String) throws {
        #expect(try Self.answer(Self.lookup(mapping), "/a") == "/a")
    }

    @Test(arguments: [
        (" => echo", "no path before the arrow"), ("/a =>", "no name behind the arrow"),
        ("/a echo", "no arrow"), ("/a > echo", "no arrow"), ("/a = echo", "no arrow"),
        ("/a => nothing", "'nothing' is none of echo, other"), ("/a b => echo", "write it as %20"),
        ("/*/* => echo", "at most one star"), ("", "no mapping"), (" , ", "no mapping"),
        ("/a => echo, /b => nothing", "'nothing'"), ("/a => echo, /a => other", "the same as"),
        ("/taken => echo", "ANY /taken answers the same as ANY /taken"),
    ])
    func `rule 6: what cannot be read is refused, and nothing is added`(
        mapping: String, reason: String
    ) throws {
        var router = Router()
        try router.map("/taken => echo", to: Self.handlers)
        let before = router.description
        let error = #expect(throws: RouteError.self) {
            try router.map(mapping, to: Self.handlers)
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(router.description == before)
        #expect(try RouteLookup(router).allow(Array("/a".utf8)) == nil)
    }

    @Test(arguments: ["v1/echo", "/v1/echo", "//v1///echo////", " //v1///echo////  "])
    func `rule 7: slashes count for nothing, in the string and in requests`(path: String) throws {
        let lookup = try Self.lookup("\(path) => echo")
        for request in ["/v1/echo", "//v1//echo", "/v1/echo/", "///v1///echo///"] {
            #expect(Self.answer(lookup, request) == "/v1/echo", "\(request)")
        }
        #expect(Self.answer(lookup, "/v1") == nil)
        #expect(Self.answer(lookup, "/v1/ech/o") == nil)
    }

    @Test func `rule 7: routes that are not mapped forgive nothing`() throws {
        var router = Router()
        router.get("/a") { _, _ in }
        router.get("/b/{rest...}") { _, _ in }
        try router.map("/c => echo", to: Self.handlers)
        let lookup = try RouteLookup(router)
        for path in ["/a/", "//a", "//b/x"] { #expect(Self.answer(lookup, path) == nil, "\(path)") }
        for path in ["/a", "/b//x/", "//c//"] {
            #expect(Self.answer(lookup, path) != nil, "\(path)")
        }
    }

    @Test(arguments: [
        ("/A/*", true), ("/A/*/B", true), ("/A/*.flv", true), ("*.flv", true), ("*", true),
        ("abc*", false), ("abc/def*", false), ("/v1/*/*", false), ("/*a*", false),
    ])
    func `rule 8: a star is alone behind a slash or at the start`(
        path: String, isPossible: Bool
    ) throws {
        #expect(((try? Self.lookup("\(path) => echo")) != nil) == isPossible)
    }

    @Test(arguments: [
        ("/v3/echo", "/v3/echo/anything", false), ("/v2/echo/*", "/v2/echo", true),
        ("/v2/echo/*", "/v2/echo/", true), ("/v6/abc/*/def", "/v6/abc/def", true),
        ("/v6/abc/*/def", "/v6/abc/a/b/def", true),
        ("/v6/abc/*/def", "/v6/abc/heheda/def2", false),
    ])
    func `rule 9: without a star the path is exact, and a star may stand for nothing`(
        pattern: String, path: String, isMatch: Bool
    ) throws {
        #expect(try (Self.answer(Self.lookup("\(pattern) => echo"), path) != nil) == isMatch)
    }

    @Test(arguments: [
        ("/v1/queue/stats/*", "//v1//queue//stats//foo///bar//////", "foo/bar"),
        ("/v1/queue/stats/*", "/v1/queue/stats", ""), ("*.flv", "/v6/d.flv", "v6/d"),
        ("/v6/*.flv", "/v6/d.flv", "d"), ("/v6/*.flv", "/v6/d%2Eflv", "d"),
        ("/v6/*.flv", "/v6/.flv", ""), ("/v6/*.flv", "//v6//a///b.flv//", "a/b"),
        ("/v1/*/start", "/v1/a/b/start", "a/b"), ("/v1/*/start", "/v1/start", ""),
        ("/v1/*.x/y/z", "//v1/a//b.x//y/z/", "a/b"), ("*", "/vars///foo////bar/", "vars/foo/bar"),
        ("/a/*", "/a/b%2Fc%20d", "b%2Fc%20d"), ("/a", "/a", ""), ("/{x}/*/b", "/a/1/2/b", "1/2"),
    ])
    func `rule 10: what the star stands for has single slashes, and none around it`(
        pattern: String, path: String, tail: String
    ) throws {
        var router = Router()
        try router.map(
            "\(pattern) => tail",
            to: ["tail": { request, response in response.send(request.unresolvedPath) }])
        try withServer(router) { running throws in
            #expect(try running.get(path) == tail)
        }
    }

    @Test(
        arguments: [
            ("/v6/echo", "/v6/echo"), ("/v6/echo/test", "/v6/echo/*"),
            ("/v6/echo/1.flv", "/v6/echo/*.flv"), ("//v6//d.flv//", "/v6/*.flv"),
            ("//d.flv//", "/*.flv"), ("/v7/e.flv", "/*.flv"), ("/v0/f.flv", "/*.flv"),
            ("/v6/ech/1.ts", nil), ("/v6/abc/x/def", "/v6/abc/*/def"),
            ("/v6/abc/x/1.flv", "/v6/*.flv"),
        ] as [(String, String?)])
    func `rule 11: the longest fixed prefix first, then the longest text behind the star`(
        path: String, pattern: String?
    ) throws {
        var mappings = [
            "/v6/echo", "/v6/echo/*", "/v6/abc/*/def", "/v6/echo/*.flv", "/v6/*.flv", "*.flv",
        ]
        for _ in mappings {
            mappings.append(mappings.removeFirst())
            let text = mappings.map { "\($0) => echo" }.joined(separator: ",")
            #expect(try Self.answer(Self.lookup(text), path) == pattern)
            let reversed = mappings.reversed().map { "\($0) => echo" }.joined(separator: ",")
            #expect(try Self.answer(Self.lookup(reversed), path) == pattern)
        }
    }

    @Test func `rule 12: paths may share a method, PATH and PATH-star stand side by side`() throws {
        let lookup = try Self.lookup("/a => echo, /a/* => echo, /b => echo")
        #expect(Self.answer(lookup, "/a") == "/a")
        #expect(Self.answer(lookup, "/a/1") == "/a/*")
        #expect(Self.answer(lookup, "/b/") == "/b")
    }

    @Test(arguments: [("/a/b", "//a//b/"), ("/a/*", "a/*/"), ("/a/{x}", "a/{y}"), ("*.x", "/*.x")])
    func `rule 12: the same path in another spelling is refused`(
        first: String, second: String
    ) throws {
        #expect(throws: RouteError.self) {
            try Self.lookup("\(first) => echo", "\(second) => other")
        }
    }

    @Test func `rule 12: a service of the same name is refused, whatever its mappings`() throws {
        var service = Service("S")
        service.method("m") { _, _ in }
        var router = Router()
        try router.add(service)
        #expect(throws: RouteError.self) { try router.add(service) }
        #expect(router.routeDescriptions.map(\.endpoint) == ["S.m"])
    }

    @Test func `rule 15: the path itself stays as it came`() throws {
        var router = Router()
        try router.map(
            "/v1/* => path", to: ["path": { request, response in response.send(request.path) }])
        try withServer(router) { running throws in
            #expect(try running.get("//v1///foo//") == "//v1///foo//")
        }
    }

    @Test func `the root can be mapped, and any method reaches what is mapped`() throws {
        let lookup = try Self.lookup("/ => echo")
        #expect(Self.answer(lookup, "/") == "/")
        #expect(Self.answer(lookup, "//") == "/")
        for method in ["GET", "HEAD", "POST", "OPTIONS", "TRACE", "BREW"] {
            #expect(lookup.pattern(Method(rawValue: method), [0x2F]) == "/", "\(method)")
        }
    }

    @Test func `names that no path can hold are refused`() throws {
        for name in ["", "a/b", "a b", "*", "a."] {
            var router = Router()
            var service = Service(name)
            service.method("m") { _, _ in }
            #expect(throws: RouteError.self, "\(name)") { try router.add(service) }
        }
        var router = Router()
        var service = Service("S")
        service.method("a/b") { _, _ in }
        service.method("c") { _, _ in }
        service.method("c") { _, _ in }
        let error = #expect(throws: RouteError.self) { try router.add(service) }
        #expect(error?.problems.count == 2)
        #expect(router.description.isEmpty)
    }
}
