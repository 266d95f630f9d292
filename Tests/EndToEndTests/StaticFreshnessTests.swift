import Foundation
import Sluice
import Syscalls
import TestSupport
import Testing

/// What is kept of files, and how it follows them.
@Suite(.onEveryEngine) struct StaticFreshnessTests {
    @Test(arguments: [100, 200_000])
    func `a file that is replaced is served anew`(byteCount: Int) throws {
        let tree = try StaticTree()
        try tree.file("a.bin", bytes(byteCount))
        try withFiles(tree) { running, files in
            let first = try ask(running, "GET /static/a.bin")
            let content = try tree.file("a.bin", Array(bytes(byteCount).reversed()))
            let second = try ask(running, "GET /static/a.bin")
            #expect(first.body == bytes(byteCount))
            #expect(second.body == content)
            #expect(first["ETag"] != second["ETag"])
            #expect(files.usage.entries == 1)
        }
    }

    @Test func `a file that is changed in its place is served anew`() throws {
        let tree = try StaticTree()
        try tree.file("a.txt", "first")
        try withFiles(tree) { running, _ in
            #expect(try ask(running, "GET /static/a.txt").text == "first")
            try tree.overwrite("a.txt", "other")
            #expect(try ask(running, "GET /static/a.txt").text == "other")
        }
    }

    @Test func `a young file is read anew, even where nothing seems to have changed`() throws {
        let tree = try StaticTree()
        let soon = Int(Date().timeIntervalSince1970) + 3_600
        try tree.file("a.txt", Array("first".utf8), changed: soon)
        try withFiles(tree) { running, _ in
            let response = try ask(running, "GET /static/a.txt")
            #expect(response["ETag"]?.hasPrefix("W/") == true)
            try tree.overwrite("a.txt", "other")
            try tree.setChanged("a.txt", soon)
            #expect(try ask(running, "GET /static/a.txt").text == "other")
        }
    }

    @Test func `a time of change in the future is not told`() throws {
        let tree = try StaticTree()
        try tree.file("a.txt", Array("a".utf8), changed: 4_102_444_800)
        try withFiles(tree) { running, _ in
            let response = try ask(running, "GET /static/a.txt")
            #expect(response["Last-Modified"]?.contains("2100") == false)
        }
    }

    @Test func `a file that has gone is gone, and one that comes is there`() throws {
        let tree = try StaticTree()
        try tree.file("a.txt", "a")
        try withFiles(tree) { running, files in
            #expect(try ask(running, "GET /static/a.txt").status == 200)
            try tree.remove("a.txt")
            #expect(try ask(running, "GET /static/a.txt").status == 404)
            #expect(files.usage.entries == 0)
            try tree.file("a.txt", "again")
            #expect(try ask(running, "GET /static/a.txt").text == "again")
            try tree.remove("a.txt")
            try tree.folder("a.txt")
            #expect(try ask(running, "GET /static/a.txt").status == 301)
            #expect(files.usage.entries == 0)
        }
    }

    @Test func `between two looks at the file system, what is kept is served`() throws {
        let tree = try StaticTree()
        try tree.file("a.txt", "first")
        try withFiles(tree, checkInterval: .max) { running, _ in
            #expect(try ask(running, "GET /static/a.txt").text == "first")
            try tree.file("a.txt", "other")
            #expect(try ask(running, "GET /static/a.txt").text == "first")
        }
    }

    @Test func `by default a change is seen soon`() throws {
        let tree = try StaticTree()
        try tree.file("a.txt", "first")
        var router = Router()
        router.files("/static", try StaticFiles(tree.path))
        try withServer(router) { running in
            let client = try running.client()
            #expect(try client.ask("GET /static/a.txt").text == "first")
            try tree.file("a.txt", "other")
            let deadline = MonotonicClock.now() + RawClient.patience
            while try client.ask("GET /static/a.txt").text == "first" {
                try #require(MonotonicClock.now() < deadline)
            }
            #expect(try client.ask("GET /static/a.txt").text == "other")
        }
    }

    @Test func `no more files are open, and no more bytes kept, than is allowed`() throws {
        let tree = try StaticTree()
        for index in 0..<50 { try tree.file("large\(index).bin", bytes(70_000 + index)) }
        for index in 0..<50 { try tree.file("small\(index).bin", bytes(1_000 + index)) }
        var options = StaticFiles.Options()
        options.maxOpenFiles = 10
        options.maxCachedBytes = 64_000
        try withFiles(tree, options) { running, files in
            let client = try running.client()
            for round in 0..<2 {
                for index in 0..<50 {
                    let large = try client.ask("GET /static/large\(index).bin")
                    #expect(large.body.count == 70_000 + index, "\(round)")
                    let small = try client.ask("GET /static/small\(index).bin")
                    #expect(small.body == bytes(1_000 + index), "\(round)")
                    let usage = files.usage
                    #expect(usage.openFiles <= 10 && usage.bytes <= 64_000)
                }
            }
            #expect(files.usage.entries > 0)
        }
    }

    @Test func `what is short is made room for, and nothing else goes`() throws {
        let tree = try StaticTree()
        try tree.file("small.bin", bytes(1_000))
        for index in 0..<20 { try tree.file("large\(index).bin", bytes(70_000)) }
        var options = StaticFiles.Options()
        options.maxOpenFiles = 5
        try withFiles(tree, options, checkInterval: .max) { running, files in
            let client = try running.client()
            #expect(try client.ask("GET /static/small.bin").status == 200)
            for index in 0..<20 { _ = try client.ask("GET /static/large\(index).bin") }
            #expect(files.usage.openFiles == 5)
            #expect(files.usage.entries == 6)
        }
    }

    @Test func `nothing need be kept at all`() throws {
        let tree = try StaticTree()
        try tree.file("a.txt", "a")
        try tree.file("large.bin", bytes(200_000))
        var options = StaticFiles.Options()
        options.maxOpenFiles = 0
        options.maxCachedBytes = 0
        try withFiles(tree, options) { running, files in
            let client = try running.client()
            for _ in 0..<2 {
                #expect(try client.ask("GET /static/a.txt").text == "a")
                #expect(try client.ask("GET /static/large.bin").body == bytes(200_000))
                #expect(files.usage == (0, 0, 0))
            }
        }
    }
}
