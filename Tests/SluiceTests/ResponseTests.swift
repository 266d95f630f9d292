import Sluice
import Synchronization
import TestSupport
import Testing

/// What a handler can make of an answer, and what it cannot.
@Suite struct ResponseTests {
    @Test func `an answer is an empty 200 until it is filled`() throws {
        let response = try answer { _, _ in }
        #expect(response.status == 200)
        #expect(response.reason == "OK")
        #expect(response.body.isEmpty)
        #expect(response["Content-Length"] == "0")
        #expect(response.values("Content-Type") == [])
    }

    @Test func `sent bodies bring their type, written ones do not`() throws {
        #expect(
            try answer { _, response in response.send("a") }["Content-Type"]
                == "text/plain; charset=utf-8")
        #expect(
            try answer { _, response in response.send([1, 2].span) }["Content-Type"]
                == "application/octet-stream")
        let written = try answer { _, response in
            response.append("a")
            response.append([98, 99].span)
            #expect(response.bodyByteCount == 3)
        }
        #expect(written.text == "abc")
        #expect(written.values("Content-Type") == [])
    }

    @Test func `pages, JSON and types of one's own bring their type, once`() throws {
        let page = try answer { _, response in response.send(html: "<p>a") }
        #expect(page.values("Content-Type") == ["text/html; charset=utf-8"])
        #expect(page.text == "<p>a")
        let json = try answer { _, response in response.send(jsonText: "{}") }
        #expect(json.values("Content-Type") == ["application/json"])
        let bytes = try answer { _, response in response.send(jsonText: [123, 125].span) }
        #expect(bytes.values("Content-Type") == ["application/json"])
        #expect(bytes.text == "{}")
        let table = try answer { _, response in
            response.send(html: "dropped")
            try response.send("a,b", as: "text/csv; charset=utf-8")
        }
        #expect(table.values("Content-Type") == ["text/csv; charset=utf-8"])
        #expect(table.text == "a,b")
        let image = try answer { _, response in
            try response.send("dropped", as: "text/csv")
            try response.send([1, 2].span, as: "image/png")
        }
        #expect(image.values("Content-Type") == ["image/png"])
        #expect(image.body == [1, 2])
    }

    @Test func `a type that would break the answer is refused`() throws {
        let response = try answer { _, response in
            #expect(throws: InvalidField.self) {
                try response.send("a", as: "text/plain\r\nInjected: 1")
            }
        }
        #expect(response.values("Injected") == [])
        #expect(response.body.isEmpty)
    }

    @Test(arguments: [
        (Status(499), "Client Closed Request"), (.ok, "Fine"), (.notFound, ""),
        (.created, "\u{C4}"), (.gone, String(repeating: "x", count: 255)),
    ])
    func `a status has a reason of one's own`(status: Status, reason: String) throws {
        let response = try answer { _, response in
            try response.setStatus(status, reason: reason)
        }
        #expect(response.status == status.code)
        #expect(response.reason == reason)
    }

    @Test func `a status that is set later has its own reason again`() throws {
        let response = try answer { _, response in
            try response.setStatus(499, reason: "Client Closed Request")
            response.status = .created
        }
        #expect(response.reason == "Created")
    }

    @Test(arguments: ["a\r\nInjected: 1", "a\nb", "\0", String(repeating: "x", count: 256)])
    func `a reason that would break the answer is refused`(reason: String) throws {
        let response = try answer { _, response in
            response.status = .created
            let error = #expect(throws: InvalidReason.self) {
                try response.setStatus(.notFound, reason: reason)
            }
            #expect(error?.reason == reason)
        }
        #expect(response.status == 201)
        #expect(response.values("Injected") == [])
    }

    @Test func `a later body replaces an earlier one with its type`() throws {
        let response = try answer { _, response in
            response.send("text")
            response.send([1].span)
        }
        #expect(response.body == [1])
        #expect(response.values("Content-Type") == ["application/octet-stream"])
    }

    @Test func `a type of the handler's own stands alone`() throws {
        let response = try answer { _, response in
            response.send("{}")
            try response.setField("content-type", "application/json")
        }
        #expect(response.values("Content-Type") == ["application/json"])
    }

    @Test func `fields are set, added and removed`() throws {
        let response = try answer { _, response in
            try response.setField("X-A", "1")
            try response.addField("X-A", "2")
            try response.addField("X-B", "1")
            try response.setField("x-b", "2")
            try response.addField("X-C", "1")
            response.removeField("x-c")
            try response.setField("X-Tab", "a\tb")
            try response.setField("X-Empty", "")
        }
        #expect(response.values("X-A") == ["1", "2"])
        #expect(response.values("X-B") == ["2"])
        #expect(response.values("X-C") == [])
        #expect(response.values("X-Tab") == ["a\tb"])
        #expect(response.values("X-Empty") == [""])
    }

    @Test func `Date and Server can be the handler's own`() throws {
        let response = try answer { _, response in
            try response.setField("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
            try response.setField("server", "Own")
        }
        #expect(response.values("Date") == ["Thu, 01 Jan 2026 00:00:00 GMT"])
        #expect(response.values("Server") == ["Own"])
    }

    static let refusedFields: [(name: String, value: String)] = [
        ("X", "a\r\nInjected: 1"), ("X", "a\r\n\r\nHTTP/1.1 200 OK"), ("X", "a\nb"), ("X", "a\rb"),
        ("X", "a\0b"), ("X", "\r"), ("X", "a\u{7F}"), ("", "a"), ("X Y", "a"), ("X:", "a"),
        ("X\r\nInjected", "a"), ("X\u{E9}", "a"), ("Content-Length", "1"),
        ("content-length", "1"), ("Transfer-Encoding", "chunked"), ("Connection", "close"),
        ("KEEP-ALIVE", "timeout=1"),
    ]

    @Test func `a field that would break the answer is refused and leaves no trace`() throws {
        for field in Self.refusedFields {
            for adds in [true, false] {
                let wasRefused = Mutex(false)
                let response = try answer { _, response in
                    do throws(InvalidField) {
                        if adds {
                            try response.addField(field.name, field.value)
                        } else {
                            try response.setField(field.name, field.value)
                        }
                    } catch {
                        wasRefused.withLock { $0 = error.name == field.name }
                    }
                    response.send("whole")
                }
                let name = field.name.debugDescription
                #expect(wasRefused.withLock { $0 }, "\(name)")
                #expect(response.text == "whole")
                #expect(
                    response.fields.map(\.name).sorted() == [
                        "Content-Length", "Content-Type", "Date", "Server",
                    ], "\(name)")
            }
        }
    }

    @Test func `a handler can close the connection`() throws {
        var router = Router()
        router.get("/") { _, response in
            response.send("bye")
            response.closesConnection = true
        }
        try withServer(router) { running in
            let client = try running.client()
            let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
            try client.send(get + get)
            let response = try client.response()
            #expect(response.text == "bye")
            #expect(response.closes)
            #expect(try client.end() == .finished)
        }
    }

    @Test func `a streamed body may have empty pieces, or none`() throws {
        let some = try answer { _, response in response.stream(Script(pieces: ["a", "", "bc"])) }
        #expect(some.text == "abc")
        #expect(some.chunkSizes == [1, 2])
        let none = try answer { _, response in response.stream(Script(pieces: [])) }
        #expect(none.text == "")
        #expect(none.chunkSizes == [])
    }

    @Test func `a stream that breaks off does not look complete`() throws {
        var router = Router()
        router.get("/") { _, response in
            response.stream(Script(pieces: ["first"], breaksOff: true))
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let (bytes, ending) = try client.rest()
            #expect(!String(decoding: bytes, as: UTF8.self).contains("0\r\n\r\n"))
            #expect(ending == .reset)
        }
    }

    private func answer(_ handler: @escaping HandlerClosure) throws -> RawResponse {
        var router = Router()
        router.get("/", handler)
        let response = Mutex<RawResponse?>(nil)
        try withServer(router) { running in
            let client = try running.client()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let received = try client.response()
            response.withLock { $0 = received }
            // What an injected line would bring about shows in the next answer at the latest.
            try client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().status == 204)
        }
        return try #require(response.withLock { $0 })
    }
}

/// Pieces as they are written in the test.
struct Script: StreamedBody {
    struct Break: Error {}

    var pieces: [String]
    var breaksOff = false

    mutating func next() throws -> [UInt8]? {
        guard !pieces.isEmpty else {
            if breaksOff { throw Break() }
            return nil
        }
        return Array(pieces.removeFirst().utf8)
    }
}
