import Foundation
import Sluice
import TestSupport
import Testing

/// The snippets of docs/LIBRARY.md about files and conditions are lines of this file, and they run.
@Suite struct LibraryStaticTests {
    struct Note: Sendable {
        let version = 7
        let text = "a note"
    }

    @Test func `the snippets about files run`() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("sluice-library-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("<p>hello".utf8).write(to: folder.appendingPathComponent("index.html"))
        let path = folder.path
        var router = Router()
        var options = StaticFiles.Options()
        options.cacheControl = "max-age=3600"
        router.files("/static", try StaticFiles(path, options: options))
        router.files(
            "/own", try StaticFiles(embedded: [.init("style.css", "body { margin: 2em }")]))
        try withServer(router) { running in
            let page = try ask(running, "GET /static/ HTTP/1.1")
            #expect(page.text == "<p>hello")
            #expect(page["Cache-Control"] == "max-age=3600")
            #expect(try ask(running, "GET /own/style.css HTTP/1.1").text == "body { margin: 2em }")
        }
    }

    @Test func `the snippet about conditions runs`() throws {
        let note = Note()
        var router = Router()
        router.get("/note") { request, response in
            let state = Validators(entityTag: EntityTag(value: "v\(note.version)"))
            try response.setValidators(state)
            switch request.evaluate(state) {
            case .proceed: response.send(note.text)
            case .notModified: response.status = .notModified
            case .failed: throw HTTPError(.preconditionFailed)
            }
        }
        try withServer(router) { running in
            let first = try ask(running, "GET /note HTTP/1.1")
            #expect(first.text == "a note")
            #expect(first["ETag"] == "\"v7\"")
            let again = try ask(running, "GET /note HTTP/1.1", "If-None-Match: \"v7\"")
            #expect(again.status == 304)
            let stale = try ask(running, "GET /note HTTP/1.1", "If-Match: \"v6\"")
            #expect(stale.status == 412)
        }
    }

    @Test func `every snippet of the section is code of this file`() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/LIBRARY.md"), encoding: .utf8)
        let section = try #require(
            page.split(separator: "\n## ").first { $0.hasPrefix("Files and conditions\n") })
        let snippets = section.split(separator: "```swift\n").dropFirst().map { text in
            text.prefix(upTo: text.range(of: "```")?.lowerBound ?? text.endIndex)
        }
        #expect(snippets.count > 2)
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
