import Foundation
import Glibc
import Sluice
import Syscalls
import TestSupport
import Testing

/// What must not be served, and what must although it looks odd.
@Suite(.onEveryEngine) struct StaticTrapTests {
    /// A tree with traps.
    static func tree() throws -> StaticTree {
        let tree = try StaticTree()
        try tree.file("a.txt", "a")
        try tree.file("sub/b.txt", "b")
        try tree.file(".hidden", "hidden")
        try tree.file(".git/config", "config")
        try tree.file("sub/.env", "env")
        try tree.link("inside", to: "sub/b.txt")
        try tree.link("inside-folder", to: "sub")
        try tree.link("outside", to: "../secret.txt")
        try tree.link("outside-folder", to: "..")
        try tree.link("absolute", to: "/etc/hostname")
        try tree.link("loop", to: "loop")
        try tree.link("dangling", to: "nothing")
        try tree.fifo("fifo")
        return tree
    }

    static let refused: [(path: String, status: Int, code: String)] = [
        ("nothing", 404, "no_such_file"), ("a.txt/", 404, "no_such_file"),
        ("a.txt/b", 404, "no_such_file"), ("sub//b.txt", 404, "no_such_file"),
        ("/a.txt", 404, "no_such_file"), ("dangling", 404, "no_such_file"),
        (String(repeating: "n", count: 300), 404, "no_such_file"),
        (Array(repeating: "name", count: 1_000).joined(separator: "/"), 404, "no_such_file"),
        ("..", 403, "dot_segment"), ("../secret.txt", 403, "dot_segment"),
        ("sub/../a.txt", 403, "dot_segment"), ("./a.txt", 403, "dot_segment"),
        ("%2e%2e/secret.txt", 403, "dot_segment"), (".%2E/secret.txt", 403, "dot_segment"),
        ("sub/%2e", 403, "dot_segment"), (".hidden", 403, "hidden_file"),
        ("%2ehidden", 403, "hidden_file"), (".git/config", 403, "hidden_file"),
        ("sub/.env", 403, "hidden_file"), (".none", 403, "hidden_file"),
        ("...", 403, "hidden_file"), ("..%2fsecret.txt", 400, "encoded_slash"),
        ("sub%2Fb.txt", 400, "encoded_slash"), ("%2fetc%2fpasswd", 400, "encoded_slash"),
        ("a.txt%00", 400, "invalid_path"), ("a.txt%00.png", 400, "invalid_path"),
        ("..%5csecret.txt", 400, "invalid_path"), ("sub%5Cb.txt", 400, "invalid_path"),
        ("%252e%252e/secret.txt", 404, "no_such_file"),
        ("..%252fsecret.txt", 403, "hidden_file"), ("fifo", 403, "not_a_file"),
        ("sub/", 403, "no_listing"), ("", 403, "no_listing"),
    ]

    @Test(arguments: [false, true])
    func `what leads elsewhere, or is no file, is refused with a code`(stepwise: Bool) throws {
        let links = [
            ("outside", stepwise ? "symbolic_link" : "outside_root"),
            ("outside-folder/secret.txt", stepwise ? "symbolic_link" : "outside_root"),
            ("absolute", stepwise ? "symbolic_link" : "outside_root"), ("loop", "symbolic_link"),
        ]
        try withFiles(try Self.tree(), stepwise: stepwise) { running, files in
            let client = try running.client()
            for (path, status, code) in Self.refused + links.map({ ($0.0, 403, $0.1) }) {
                if stepwise, path == "dangling" { continue }
                let response = try client.ask(
                    "GET /static/\(path)", ["Accept: application/problem+json"])
                #expect(response.status == status, "\(path)")
                #expect(response.text.contains("\"code\":\"\(code)\""), "\(path) \(response.text)")
                #expect(!response.text.contains("sluice-static"), "\(path)")
                #expect(response["ETag"] == nil, "\(path)")
            }
            #expect(files.usage.entries == 0)
        }
    }

    @Test(arguments: [false, true])
    func `links that stay inside are followed where the kernel sees to it`(stepwise: Bool) throws {
        try withFiles(try Self.tree(), stepwise: stepwise) { running, _ in
            for path in ["inside", "inside-folder/b.txt"] {
                let response = try ask(running, "GET /static/\(path)")
                #expect(response.status == (stepwise ? 403 : 200), "\(path)")
                if !stepwise { #expect(response.text == "b") }
            }
            #expect(try ask(running, "GET /static/sub/b.txt").text == "b")
        }
    }

    @Test func `hidden files are served where they are allowed, but never dots`() throws {
        var options = StaticFiles.Options()
        options.servesHidden = true
        try withFiles(try Self.tree(), options) { running, _ in
            let client = try running.client()
            #expect(try client.ask("GET /static/.hidden").text == "hidden")
            #expect(try client.ask("GET /static/.git/config").text == "config")
            #expect(try client.ask("GET /static/../secret.txt").status == 403)
            #expect(try client.ask("GET /static/%2e/a.txt").status == 403)
        }
    }

    @Test(arguments: [
        ("with space.txt", "with%20space.txt"), ("100%.txt", "100%25.txt"),
        ("%41", "%2541"), ("naïve 🦢.txt", "na%C3%AFve%20%F0%9F%A6%A2.txt"),
        ("a?b#c", "a%3Fb%23c"), ("<script>", "%3Cscript%3E"), ("quote'\"", "quote'%22"),
        ("new\nline", "new%0Aline"), ("a:b", "a:b"), ("a+b", "a+b"), ("~", "~"), ("a..b", "a..b"),
        ("*", "*"), ("{x}", "%7Bx%7D"),
    ])
    func `odd names are names`(name: String, path: String) throws {
        let tree = try StaticTree()
        try tree.file(name, "odd")
        try tree.file("A", "other")
        try withFiles(tree) { running, _ in
            let client = try running.client()
            for _ in 0..<2 {
                #expect(try client.ask("GET /static/\(path)").text == "odd")
                // Also when a name is known that is spelt as another's encoding.
                #expect(try client.ask("GET /static/%41").text == "other")
            }
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func `a file that cannot be read is refused`() throws {
        let tree = try StaticTree()
        try tree.file("a.txt", "a")
        try tree.setMode("a.txt", 0)
        try withFiles(tree) { running, _ in
            let response = try ask(
                running, "GET /static/a.txt", ["Accept: application/problem+json"])
            #expect(response.status == 403)
            #expect(response.text.contains("\"unreadable_file\""))
        }
    }

    @Test func `a socket is refused, and not opened`() throws {
        let tree = try StaticTree()
        guard let address = UnixSocketAddress(path: tree.place("s")) else {
            return try #require(tree.path.utf8.count > 90, "the path is too long for a socket")
        }
        try Socket.bind(try Socket.unixStream(nonBlocking: true), to: address)
        try withFiles(tree) { running, _ in
            let client = try running.client()
            #expect(try client.ask("GET /static/s").status == 403)
        }
    }

    @Test func `a file that is cut off while it is sent ends the connection`() throws {
        let tree = try StaticTree()
        try tree.file("large.bin", bytes(1_000_000))
        try withFiles(tree, checkInterval: .max) { running, _ in
            #expect(try ask(running, "GET /static/large.bin").body.count == 1_000_000)
            try tree.truncate("large.bin", to: 1_000)
            let client = try running.client()
            try client.send("GET /static/large.bin HTTP/1.1\r\nHost: a\r\n\r\n")
            let (received, _) = try client.rest()
            #expect(received.count < 1_000_000)
        }
    }
}
