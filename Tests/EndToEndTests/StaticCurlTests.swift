import Foundation
import TestSupport
import Testing

/// Files as a client that we have not written gets them.
@Suite(.onEveryEngine, .enabled(if: Curl.isInstalled, "curl is not installed"))
struct StaticCurlTests {
    @Test func `curl gets the program's own files from any working directory`() throws {
        try withSluice { sluice in
            let url = "\(sluice.urls[0])/static"
            #expect(try Curl.run("\(url)/index.html").contains("<h1>Sluice</h1>"))
            #expect(try Curl.run("\(url)/").contains("<h1>Sluice</h1>"))
            #expect(try Curl.run("--location", url).contains("<h1>Sluice</h1>"))
            #expect(try Curl.run("\(url)/test.html").contains("<h1>Test</h1>"))
            let head = try Curl.run("--head", "\(url)/style.css")
            #expect(head.contains("Content-Type: text/css; charset=utf-8\r\n"))
        }
    }

    @Test(arguments: [1_000, 3_000_000])
    func `curl gets ranges`(byteCount: Int) throws {
        try withTree { tree, url in
            let content = try tree.file("a.bin", bytes(byteCount))
            for (range, part) in [
                ("0-9", 0..<10), ("500-", 500..<byteCount), ("-7", (byteCount - 7)..<byteCount),
            ] {
                try Curl.run("--range", range, "-o", tree.place("part"), "\(url)/a.bin")
                #expect(try tree.content("part") == Array(content[part]), "\(range)")
            }
            let log = try Curl.run(
                "--range", "0-1,900-901", "-o", "/dev/null", "-w",
                "%{http_code} %{content_type}", "\(url)/a.bin")
            #expect(log.hasPrefix("206 multipart/byteranges; boundary="))
        }
    }

    @Test func `curl goes on with a download where it has ended`() throws {
        try withTree { tree, url in
            let content = try tree.file("a.bin", bytes(1_000_000))
            try tree.file("copy", Array(content.prefix(300_000)))
            try Curl.run("-C", "-", "-o", tree.place("copy"), "\(url)/a.bin")
            #expect(try tree.content("copy") == content)
        }
    }

    @Test func `curl asks whether a file is newer`() throws {
        try withTree { tree, url in
            try tree.file("a.txt", "text")
            let code = ["-o", "/dev/null", "-w", "%{http_code}"]
            let since = "Sun, 06 Nov 1994 08:49:37 GMT"
            let before = "Sun, 06 Nov 1994 08:49:36 GMT"
            let after = "Sun, 06 Nov 1994 08:49:38 GMT"
            #expect(try Curl.run(code + ["--time-cond", since, "\(url)/a.txt"]) == "304")
            #expect(try Curl.run(code + ["--time-cond", before, "\(url)/a.txt"]) == "200")
            #expect(try Curl.run(code + ["--time-cond", "-\(before)", "\(url)/a.txt"]) == "412")
            #expect(try Curl.run(code + ["--time-cond", "-\(after)", "\(url)/a.txt"]) == "200")
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/gzip"), "no gzip"))
    func `curl decodes a compressed sibling`() throws {
        try withTree { tree, url in
            let text = String(repeating: "a line of text\n", count: 1_000)
            try tree.file("a.txt", text)
            let gzip = try ChildProcess("/bin/gzip", ["--keep", tree.place("a.txt")]).wait()
            try #require(gzip.code == 0)
            let sizes = ["-o", tree.place("copy"), "-w", "%{size_download}", "\(url)/a.txt"]
            let compressed = try Curl.run(["--compressed"] + sizes)
            #expect(try #require(Int(compressed)) < 1_000)
            #expect(try tree.content("copy") == Array(text.utf8))
            #expect(try Curl.run(sizes) == "15000")
        }
    }

    @Test func `options of the executable say what is served, and how`() throws {
        try withTree(["--static-listing", "--static-hidden", "--static-cache-control", "no-store"])
        { tree, url in
            try tree.file("sub/.a", "hidden")
            #expect(try Curl.run("\(url)/sub/").contains("./.a"))
            #expect(try Curl.run("--include", "\(url)/sub/.a").contains("Cache-Control: no-store"))
        }
    }

    @Test func `folders are served under paths of one's own, also at the root`() throws {
        let (first, second) = (try StaticTree(), try StaticTree())
        try first.file("index.html", "first")
        try second.file("a=b.txt", "second")
        let mounts = ["--static", "/=\(first.path)", "--static=/docs/=\(second.path)"]
        try withSluice(mounts) { sluice in
            let url = sluice.urls[0]
            let texts = try ["/", "/docs/a=b.txt", "/health"].map { try Curl.run("\(url)\($0)") }
            #expect(texts == ["first", "second", "OK"])
            #expect(try Curl.run("\(url)/static/").contains("Sluice"))
        }
    }

    /// Serves a tree by the executable.
    private func withTree(
        _ arguments: [String] = [], _ body: (StaticTree, String) throws -> Void
    ) throws {
        let tree = try StaticTree()
        try withSluice(["--static-dir", tree.path] + arguments) { sluice in
            try body(tree, "\(sluice.urls[0])/static")
        }
    }
}

extension StaticTree {
    /// What a file holds.
    func content(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: place(name))))
    }
}
