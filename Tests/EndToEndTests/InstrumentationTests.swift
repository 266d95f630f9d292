import Sluice
import Synchronization
import TestSupport
import Testing

/// What an instrumentation is told, and when.
@Suite(.onEveryEngine) struct InstrumentationTests {
    /// Writes down what it hears.
    private struct Recorder: Instrumentation {
        let heard = Heard()
        var startsEarly = false
        var ignoresAll = false

        func requestBegan(_ request: borrowing Request) -> (any RequestInstrumentation)? {
            heard.write("began \(request.path)\(request.id == nil ? "" : " named")")
            return ignoresAll ? nil : Watching(heard: heard)
        }
    }

    private final class Heard: Sendable {
        private let lines = Mutex<[String]>([])
        private let ended = Happening()
        var all: [String] { lines.withLock { $0 } }

        func write(_ line: String) {
            lines.withLock { $0.append(line) }
            if line.hasPrefix("ended") { ended.happens() }
        }

        /// Waits for an end, which may come after the answer.
        func afterEnd() throws -> [String] {
            try ended.await()
            return all
        }
    }

    private final class Watching: RequestInstrumentation {
        let heard: Heard

        init(heard: Heard) { self.heard = heard }

        func routeChosen(_ pattern: String) { heard.write("route \(pattern)") }

        func event(_ name: String, attributes: KeyValuePairs<String, String>) {
            heard.write("event \(name)" + attributes.map { " \($0.key)=\($0.value)" }.joined())
        }

        func ended(_ ending: RequestEnding) {
            heard.write(
                "ended \(ending.status.code) \(ending.reason ?? "-") "
                    + (ending.failure?.rawValue ?? "-"))
        }
    }

    private struct Broken: Error {}

    private static func router() -> Router {
        var router = Router()
        router.get("/tea/{kind}") { request, response in
            request.instrumentation?.event("brewed", attributes: ["kind": "green"])
            response.send("tea")
        }
        router.get("/later") { request, response in
            await Task.yield()
            request.instrumentation?.event("waited")
            response.status = .created
        }
        router.stream(.post, "/stream") { request, response in
            for try await _ in request.body {}
            request.instrumentation?.event("read")
            try await response.write("done")
        }
        router.get("/broken") { _, _ in throw Broken() }
        router.get("/torn") { _, response in
            response.status = .accepted
            try await response.write("half")
            try await response.flush()
            throw Broken()
        }
        router.get("/never", limits: .deadline(.milliseconds(20))) { _, _ in
            try await Task.sleep(for: .seconds(60))
        }
        router.group("/closed") { closed in
            closed.prepare { _, _ in throw HTTPError(.forbidden) }
            closed.get("/") { _, response in response.send("open") }
        }
        return router
    }

    /// What is heard of one request.
    private func heard(
        _ line: String, body: String = "", early: Bool = false, named: Bool = false
    ) throws -> [String] {
        let recorder = Recorder(startsEarly: early)
        let ids = named ? try RequestIDs() : nil
        try withServer(
            Self.router(),
            {
                $0.instrumentation = recorder
                $0.requestIDs = ids
            },
            { running in
                _ = try? ask(running, line, body: body)
                if early || !["/none", "/closed"].contains(where: line.hasSuffix) {
                    _ = try recorder.heard.afterEnd()
                }
            })
        return recorder.heard.all
    }

    @Test(arguments: [
        (
            "GET /tea/green", "",
            [
                "began /tea/green", "route /tea/{kind}", "event brewed kind=green", "ended 200 - -",
            ]
        ),
        ("GET /later", "", ["began /later", "route /later", "event waited", "ended 201 - -"]),
        (
            "POST /stream", "body",
            ["began /stream", "route /stream", "event read", "ended 200 - -"]
        ),
        (
            "GET /broken", "",
            ["began /broken", "route /broken", "ended 500 internal_server_error -"]
        ),
        ("GET /torn", "", ["began /torn", "route /torn", "ended 202 - broken_off"]),
        (
            "GET /never", "",
            ["began /never", "route /never", "ended 503 service_unavailable deadline"]
        ),
    ])
    func `an admitted request is watched from its handler to its end`(
        line: String, body: String, expected: [String]
    ) throws {
        for early in [false, true] {
            #expect(try heard(line, body: body, early: early) == expected)
        }
    }

    @Test func `a request has its name when it begins`() throws {
        #expect(try heard("GET /tea/a", named: true).first == "began /tea/a named")
        #expect(try heard("GET /tea/a", early: true, named: true).first == "began /tea/a named")
    }

    @Test(arguments: ["GET /none", "GET /closed"])
    func `what is refused is watched only where it is asked for`(line: String) throws {
        #expect(try heard(line) == [])
        let early = try heard(line, early: true)
        #expect(early.first?.hasPrefix("began /") == true)
        let endings = ["ended 404 not_found -", "ended 403 forbidden -"]
        #expect(early.last.map { endings.contains($0) } == true, "\(early)")
    }

    @Test func `what the engine refuses is watched early`() throws {
        let recorder = Recorder(startsEarly: true)
        try withServer(Self.router(), { $0.instrumentation = recorder }) { running in
            let response = try ask(
                running, "POST /stream", ["Content-Length: 99999999"])
            #expect(response.status == 413)
        }
        #expect(recorder.heard.all.count == 2, "\(recorder.heard.all)")
        #expect(recorder.heard.all.last?.hasPrefix("ended 413 the body is larger") == true)
    }

    @Test func `a client that has gone is told of`() throws {
        let recorder = Recorder()
        let reached = Happening()
        var router = Router()
        router.get("/") { _, _ in
            reached.happens()
            try await Task.sleep(for: .seconds(60))
        }
        try withServer(router, { $0.instrumentation = recorder }) { running in
            do {
                let client = try running.client()
                try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try reached.await()
                try client.resetWhenReleased()
            }
            #expect(try recorder.heard.afterEnd().last?.hasSuffix("client_gone") == true)
        }
    }

    @Test func `who does not want to watch hears nothing more`() throws {
        let recorder = Recorder(ignoresAll: true)
        try withServer(Self.router(), { $0.instrumentation = recorder }) { running in
            _ = try ask(running, "GET /tea/a")
        }
        #expect(recorder.heard.all == ["began /tea/a"])
    }
}
