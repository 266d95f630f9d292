import Sluice
import TestSupport
import Testing

/// Fields on every answer.
@Suite(.onEveryEngine) struct DefaultFieldsTests {
    struct Failure: Error {}

    @Test func `every answer has the fields, errors and what no route answers too`() throws {
        var router = Router()
        try router.use(DefaultFields(["X-Content-Type-Options": "nosniff"]))
        router.get("/sync") { _, response in response.send("a") }
        router.get("/async") { _, response in
            await Task.yield()
            response.send("a")
        }
        router.get("/streamed") { _, response in try await response.write("a") }
        router.get("/failing") { _, _ in throw Failure() }
        let lines = [
            ("GET /sync", 200), ("HEAD /sync", 200), ("GET /async", 200), ("GET /streamed", 200),
            ("GET /failing", 500), ("GET /nothing", 404), ("PUT /sync", 405),
            ("OPTIONS /sync", 204), ("BREW /sync", 501), ("OPTIONS *", 204),
        ]
        try withServer(router) { running throws in
            for (line, status) in lines {
                let response = try ask(running, line)
                #expect(response.status == status, "\(line)")
                #expect(response["X-Content-Type-Options"] == "nosniff", "\(line)")
            }
        }
    }

    @Test func `an answer's own fields stay, whatever the case of their names`() throws {
        var router = Router()
        try router.use(
            DefaultFields([
                "x-frame-options": "DENY", "Content-Type": "text/plain", "Server": "tea",
            ]))
        router.get("/own") { _, response in
            try response.setField("X-Frame-Options", "SAMEORIGIN")
            try response.setField("Server", "coffee")
            response.send(html: "<p>")
        }
        router.get("/none") { _, response in response.append("a") }
        try withServer(router) { running throws in
            let own = try ask(running, "GET /own")
            #expect(own["X-Frame-Options"] == "SAMEORIGIN")
            #expect(own["Content-Type"] == "text/html; charset=utf-8")
            #expect(own["Server"] == "coffee")
            let none = try ask(running, "GET /none")
            #expect(none["X-Frame-Options"] == "DENY")
            #expect(none["Content-Type"] == "text/plain")
            #expect(none["Server"] == "tea")
        }
    }

    @Test func `a name that comes twice makes two lines, and a group's fields stay there`() throws {
        var router = Router()
        router.get("/outside") { _, _ in }
        try router.group("/group") { group in
            try group.use(DefaultFields(["Link": "</a>", "link": "</b>"]))
            group.get("/") { _, _ in }
        }
        try withServer(router) { running throws in
            #expect(try ask(running, "GET /group").values("Link") == ["</a>", "</b>"])
            #expect(try ask(running, "PUT /group").values("Link") == ["</a>", "</b>"])
            #expect(try ask(running, "GET /outside").values("Link").isEmpty)
        }
    }

    @Test(arguments: [
        ("X Y", "a", "field \"X Y\": the name is no token (RFC 9110 §5.6.2)"),
        ("X-A", "a\r\nX-B: b", "field X-A: the value holds a control character such as CR or LF"),
        ("Content-Length", "1", "field Content-Length: the server frames the message itself"),
    ])
    func `what no answer can carry is an error at once`(
        name: String, value: String, description: String
    ) {
        let error = #expect(throws: InvalidField.self) {
            try DefaultFields([(name: "X-Good", value: ""), (name: name, value: value)])
        }
        #expect(error?.description == description)
    }
}
