import Foundation
import Sluice
import TestSupport
import Testing

/// Folders as lists of what is in them.
@Suite(.onEveryEngine) struct StaticListingTests {
    static func tree() throws -> StaticTree {
        let tree = try StaticTree()
        try tree.file("list/b.txt", "bb")
        try tree.file("list/a.txt", "a")
        try tree.file("list/<script>alert('x')&\"", "evil")
        try tree.file("list/100% & more?#.txt", "odd")
        try tree.file("list/.hidden", "hidden")
        try tree.folder("list/z-folder")
        try tree.link("list/inside", to: "a.txt")
        try tree.link("list/outside", to: "../../secret.txt")
        try tree.fifo("list/fifo")
        try tree.file("index/index.html", "index")
        return tree
    }

    static var options: StaticFiles.Options {
        var options = StaticFiles.Options()
        options.listsFolders = true
        return options
    }

    static let names = [
        "z-folder", "100% & more?#.txt", "<script>alert('x')&\"", "a.txt", "b.txt", "inside",
    ]

    @Test func `a folder is a page with links that work`() throws {
        try withFiles(try Self.tree(), Self.options) { running, _ in
            let client = try running.client()
            let response = try client.ask("GET /static/list/", ["Accept: text/html"])
            #expect(response.status == 200)
            #expect(response["Content-Type"] == "text/html; charset=utf-8")
            #expect(response["Vary"] == "Accept")
            #expect(response["X-Content-Type-Options"] == "nosniff")
            #expect(!response.text.contains("<script"))
            #expect(!response.text.contains("hidden"))
            #expect(!response.text.contains("outside"))
            #expect(!response.text.contains("fifo"))
            let links = response.text.matches(of: /href="([^"]*)"/).map { String($0.1) }
            #expect(links.count == Self.names.count + 1)
            #expect(links[0] == "../")
            for link in links.dropFirst() {
                let path = link.replacing(/^\.\//, with: "")
                let status = try client.ask("GET /static/list/\(path)").status
                #expect(status == 200, "\(link)")
            }
        }
    }

    @Test func `programs get JSON, sorted, folders first`() throws {
        try withFiles(try Self.tree(), Self.options) { running, _ in
            let response = try ask(
                running, "GET /static/list/", ["Accept: application/json"])
            #expect(response["Content-Type"] == "application/json")
            let value = try JSONSerialization.jsonObject(with: Data(response.body))
            let object = try #require(value as? [String: Any])
            #expect(object["truncated"] as? Bool == false)
            let entries = try #require(object["entries"] as? [[String: Any]])
            #expect(entries.map { $0["name"] as? String } == Self.names)
            #expect(entries[0]["type"] as? String == "folder")
            #expect(entries[0]["href"] as? String == "./z-folder/")
            #expect(entries[4]["size"] as? Int == 2)
            #expect(entries[4]["modified"] as? String == "Sun, 06 Nov 1994 08:49:37 GMT")
            #expect(entries[1]["href"] as? String == "./100%25%20%26%20more%3F%23.txt")
        }
    }

    @Test func `an index comes before a list, and hidden names where they are allowed`() throws {
        var options = Self.options
        options.servesHidden = true
        try withFiles(try Self.tree(), options) { running, _ in
            let client = try running.client()
            for _ in 0..<2 { #expect(try client.ask("GET /static/index/").text == "index") }
            #expect(try client.ask("GET /static/list/").text.contains(".hidden"))
            #expect(try client.ask("GET /static/list").status == 301)
            let root = try client.ask("GET /static/")
            #expect(root.status == 200)
            #expect(!root.text.contains("href=\"../\""))
        }
    }

    @Test(arguments: [
        ("none/", 404), ("list/a.txt/", 404), ("../", 403), ("list//", 404), ("a%2f/", 400),
        ("outside-folder/", 403),
    ])
    func `what is no folder is not listed`(path: String, status: Int) throws {
        let tree = try Self.tree()
        try tree.link("outside-folder", to: "..")
        try withFiles(tree, Self.options) { running, _ in
            let response = try ask(running, "GET /static/\(path)")
            #expect(response.status == status)
        }
    }

    @Test func `HEAD and pipelines wait for lists, too`() throws {
        try withFiles(try Self.tree(), Self.options) { running, _ in
            let client = try running.client()
            let paths = ["list/", "list/a.txt", "list/", "list/b.txt"]
            try client.send(
                paths.map { "GET /static/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            let responses = try client.responses(4)
            #expect(responses[1].text == "a")
            #expect(responses[3].text == "bb")
            #expect(responses[0].body == responses[2].body)
            let head = try client.ask("HEAD /static/list/")
            #expect(head["Content-Length"] == String(responses[0].body.count))
        }
    }
}
