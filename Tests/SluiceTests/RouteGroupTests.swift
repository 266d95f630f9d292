import Sluice
import TestSupport
import Testing

/// Groups, limits of their own, redirects, and how a router describes itself.
@Suite struct RouteGroupTests {
    private enum Trail: RequestKey { typealias Value = String }

    @Test func `a group has a prefix, and groups nest`() throws {
        var router = Router()
        router.group("/api/{tenant}") { api in
            api.get("/") { _, _ in }
            api.get("/users/{id}") { _, _ in }
            api.get("*.json") { _, _ in }
            api.group("/v2/") { inner in
                inner.get("") { _, _ in }
                inner.post("/things") { _, _ in }
            }
        }
        router.group("/") { $0.get("/plain") { _, _ in } }
        #expect(
            router.routeDescriptions.map(\.pattern) == [
                "/api/{tenant}", "/api/{tenant}/users/{id}", "/api/{tenant}/*.json",
                "/api/{tenant}/v2", "/api/{tenant}/v2/things", "/plain",
            ])
        #expect(
            try RouteLookup(router).pattern(.get, Array("/api/a/v2".utf8)) == "/api/{tenant}/v2")
    }

    @Test func `mappings and services stand in groups`() throws {
        var service = Service("S")
        service.method("m") { _, _ in }
        var router = Router()
        try router.group("/api") { api in
            try api.map("v1/start => x, *.flv => x", to: ["x": { _, _ in }])
            try api.add(service)
        }
        let lookup = try RouteLookup(router)
        #expect(lookup.pattern(.get, Array("//api//v1/start/".utf8)) == "/api/v1/start")
        #expect(lookup.pattern(.get, Array("/api/a.flv".utf8)) == "/api/*.flv")
        #expect(lookup.pattern(.get, Array("/api/S/m/x".utf8)) == "/api/S/m/*")
        #expect(lookup.pattern(.get, Array("/S/m".utf8)) == nil)
    }

    @Test func `a group that fails leaves nothing behind`() throws {
        struct Failure: Error {}
        var router = Router()
        #expect(throws: Failure.self) {
            try router.group("/api") { api in
                api.get("/a") { _, _ in }
                throw Failure()
            }
        }
        #expect(router.routeDescriptions.isEmpty)
    }

    @Test func `what prepares requests of a group runs for the group only, inside the others'`()
        throws
    {
        func mark(_ name: String) -> PrepareClosure {
            { request, _ in request[Trail.self] = (request[Trail.self] ?? "") + name }
        }
        let show: HandlerClosure = { request, response in
            response.send(request[Trail.self] ?? "none")
        }
        var router = Router()
        router.get("/", show)
        router.group("/a") { group in
            group.get("/", show)
            group.group("/b") { inner in
                inner.prepare(mark("3"))
                inner.get("/", show)
            }
            group.prepare(mark("2"))
        }
        router.prepare(mark("1"))
        try withServer(router) { running throws in
            #expect(try running.get("/") == "1")
            #expect(try running.get("/a") == "12")
            #expect(try running.get("/a/b") == "123")
        }
    }

    @Test func `the limit of a body is that of the route, its group or the server`() throws {
        let count: HandlerClosure = { request, response in response.send("\(request.body.count)") }
        var router = Router()
        router.post("/server", count)
        router.group("/group", limits: .maxBodyBytes(20)) { group in
            group.post("/", count)
            group.post("/own", limits: .maxBodyBytes(40), count)
            group.post("/none", limits: .maxBodyBytes(0), count)
        }
        let limits = ["/server": 10, "/group": 20, "/group/own": 40, "/group/none": 0]
        try withServer(router) {
            $0.maxBodyBytes = 10
        } _: { running in
            for (path, limit) in limits {
                for excess in [0, 1] {
                    let client = try running.client()
                    let body = String(repeating: "x", count: limit + excess)
                    try client.send(
                        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n"
                            + body)
                    #expect(try client.response().status == (excess == 0 ? 200 : 413), "\(path)")
                }
            }
        }
    }

    @Test func `a server names all that is wrong with its routes, in their order`() throws {
        var router = Router()
        router.get("/a/{x}") { _, _ in }
        router.get("/a/{y}") { _, _ in }
        router.post("nothing") { _, _ in }
        router.on(Method(rawValue: "A B"), "/") { _, _ in }
        router.put("/big", limits: .maxBodyBytes(-1)) { _, _ in }
        router.group("/g", limits: .maxBodyBytes(1 << 31)) { group in
            group.get("/whole") { _, _ in }
            group.stream(.put, "/streamed") { _, _ in }
        }
        router.group("/h", limits: .maxConcurrent(0)) { _ in }
        let error = #expect(throws: ServerError.self) { try Server(router) }
        #expect(error?.subject == .routes)
        #expect(
            error?.description == "the routes cannot be: "
                + "GET /a/{y} answers the same as GET /a/{x}; "
                + "POST nothing: a path begins with a slash; "
                + "A B /: 'A B' is no method; a method is a token; "
                + "PUT /big: maxBodyBytes -1 is not in 0 ... 1073741824; "
                + "GET /g/whole: maxBodyBytes 2147483648 is not in 0 ... 1073741824; "
                + "group /h: maxConcurrent 0 is not in 1 ... 1000000")
    }

    @Test(
        arguments: [
            ("/a/", 308, "/a"), ("//a", 308, "/a"), ("/b", 308, "/b/"), ("//b//", 308, "/b/"),
            ("/a/?x=1&y", 308, "/a?x=1&y"), ("/a/?", 308, "/a?"), ("/u//1%2F2/", 308, "/u/1%2F2"),
            ("//u/%5C%5Ch", 308, "/u/%5C%5Ch"), ("/a", 200, nil), ("/b/", 200, nil),
            ("/c/", 404, nil),
            ("/off/a/", 404, nil), ("/nothing//", 404, nil), ("//", 404, nil),
        ] as [(String, Int, String?)])
    func `a path that is not clean can lead to the one that is`(
        target: String, status: Int, location: String?
    ) throws {
        var router = Router()
        router.get("/a") { _, _ in }
        router.post("/b/") { _, _ in }
        router.get("/b/") { _, _ in }
        router.get("/u/{x}") { _, _ in }
        router.redirectsUncleanPaths = true
        router.group("/off") { group in
            group.redirectsUncleanPaths = false
            group.get("/a") { _, _ in }
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try client.response()
            #expect(answer.status == status)
            #expect(answer["Location"] == location)
        }
    }

    @Test func `Allow names the methods of every pattern that matches, and they are answered`()
        throws
    {
        var router = Router()
        router.get("/a/{x}") { _, response in response.send("parameter") }
        router.post("/a/b") { _, response in response.send("literal") }
        router.delete("/a/*") { _, response in response.send("star") }
        router.on(Method(rawValue: "BREW"), "/{x}/b") { _, response in response.send("brew") }
        try withServer(router) { running in
            let client = try running.client()
            for (method, text) in [
                ("GET", "parameter"), ("POST", "literal"), ("DELETE", "star"), ("BREW", "brew"),
            ] {
                try client.send("\(method) /a/b HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.response().text == text)
            }
            for (method, status) in [("PUT", 405), ("OPTIONS", 204)] {
                try client.send("\(method) /a/b HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try client.response()
                #expect(answer.status == status)
                #expect(answer["Allow"] == "GET, HEAD, POST, DELETE, OPTIONS, BREW")
            }
        }
    }

    @Test func `a route for any method yields to those with one`() throws {
        var router = Router()
        router.any("/") { request, response in response.send("any \(request.method.rawValue)") }
        router.get("/") { _, response in response.send("get") }
        try withServer(router) { running in
            let client = try running.client()
            for (method, text) in [
                ("GET", "get"), ("POST", "any POST"), ("OPTIONS", "any OPTIONS"),
                ("BREW", "any BREW"),
            ] {
                try client.send("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.response().text == text)
            }
        }
    }

    @Test(arguments: [
        ("Content-Type: image/png\r\n", 200), ("Content-Type: IMAGE/JPEG; q=x\r\n", 200),
        ("Content-Type: text/plain\r\n", 415), ("", 415),
    ])
    func `a route demands content types`(line: String, status: Int) throws {
        var router = Router()
        router.group("/api", limits: .contentTypes(["image/*"])) { api in
            api.post("/pictures") { _, response in response.send("taken") }
            api.get("/pictures") { _, response in response.send("here") }
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                "POST /api/pictures HTTP/1.1\r\nHost: a\r\n\(line)Content-Length: 1\r\n\r\nx")
            let response = try client.response()
            #expect(response.status == status)
            #expect(response["Accept"] == (status == 415 ? "image/*" : nil))
            // What has no body needs no type.
            try client.send("GET /api/pictures HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().status == 200)
        }
    }

    @Test func `a list of no content types is a mistake`() {
        var router = Router()
        router.post("/", limits: .contentTypes([])) { _, _ in }
        #expect(throws: ServerError.self) {
            try Server(router, configuration: ServerConfiguration(port: 0))
        }
    }

    @Test func `a router describes itself, for people and for programs`() throws {
        var service = Service("S")
        service.method("m") { _, _ in }
        service.method("hidden") { _, _ in }
        var router = Router()
        router.get("/users/{id}") { _, _ in }
        router.post("/users", limits: .maxBodyBytes(65_536)) { _, _ in }
        let limits = RouteLimits(
            contentTypes: ["image/png"], deadline: .milliseconds(1_500),
            maxConcurrent: 8)
        router.put("/pictures", limits: limits) { _, _ in }
        try router.add(service, mappings: "//v1/*/h/ => hidden")
        #expect(
            router.description == """
                GET   /users/{id}
                POST  /users       body <= 65536 bytes
                PUT   /pictures                         image/png  within 1.5 seconds  8 at once
                ANY   /v1/*/h                                                                     S.hidden
                ANY   /S/m/*                                                                      S.m

                """)
        #expect(
            router.json == """
                [{"method":"GET","pattern":"/users/{id}","max_body_bytes":null,\
                "content_types":null,"deadline_ms":null,"max_concurrent":null,"endpoint":null},\
                {"method":"POST","pattern":"/users","max_body_bytes":65536,\
                "content_types":null,"deadline_ms":null,"max_concurrent":null,"endpoint":null},\
                {"method":"PUT","pattern":"/pictures","max_body_bytes":null,\
                "content_types":["image/png"],\
                "deadline_ms":1500,"max_concurrent":8,"endpoint":null},\
                {"method":null,"pattern":"/v1/*/h","max_body_bytes":null,\
                "content_types":null,"deadline_ms":null,"max_concurrent":null,"endpoint":"S.hidden"},\
                {"method":null,"pattern":"/S/m/*","max_body_bytes":null,\
                "content_types":null,"deadline_ms":null,"max_concurrent":null,"endpoint":"S.m"}]
                """)
        #expect(Router().description.isEmpty)
        #expect(Router().json == "[]")
    }

    @Test(arguments: RouteLookup.Kind.allCases, [1, 8, 9, 1_000])
    func `each of many routes is found, and nothing else`(
        kind: RouteLookup.Kind, count: Int
    ) throws {
        let lookup = RouteLookup(routeCount: count, kind)
        var found: Set<Int> = []
        for index in 0..<count {
            found.insert(lookup.find(RouteLookup.path(index, last: "items").utf8.span))
        }
        #expect(found.count == count && found.allSatisfy { $0 >= 0 })
        #expect(lookup.find(RouteLookup.path(count, last: "items").utf8.span) < 0)
    }
}
