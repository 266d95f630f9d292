import Sluice
import Testing

/// Types of files by their names.
@Suite struct FileTypeTests {
    @Test func `the table is sorted, and each line is an extension and a type`() throws {
        var last = ""
        var count = 0
        for line in "\(FileTypes.table)".split(separator: "\n") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            try #require(parts.count == 2, "\(line)")
            #expect(last < parts[0], "\(line)")
            #expect(MediaType(String(parts[1]))?.description == String(parts[1]), "\(line)")
            let type = MediaType.ofFile(named: "a.\(parts[0])")
            #expect(type.essence == parts[1], "\(line)")
            #expect((type.charset == "utf-8") == (type.type == "text"), "\(line)")
            last = String(parts[0])
            count += 1
        }
        #expect(count > 300)
    }

    @Test(arguments: [
        ("index.html", "text/html;charset=utf-8"), ("a.htm", "text/html;charset=utf-8"),
        ("style.css", "text/css;charset=utf-8"), ("app.js", "text/javascript;charset=utf-8"),
        ("app.mjs", "text/javascript;charset=utf-8"), ("a.txt", "text/plain;charset=utf-8"),
        ("readme.md", "text/markdown;charset=utf-8"), ("a.csv", "text/csv;charset=utf-8"),
        ("a.json", "application/json"), ("app.js.map", "application/json"),
        ("app.webmanifest", "application/manifest+json"), ("a.xml", "application/xml"),
        ("a.svg", "image/svg+xml"), ("a.png", "image/png"), ("a.jpg", "image/jpeg"),
        ("a.webp", "image/webp"), ("a.avif", "image/avif"),
        ("favicon.ico", "image/vnd.microsoft.icon"), ("a.wasm", "application/wasm"),
        ("a.pdf", "application/pdf"), ("a.woff2", "font/woff2"), ("a.mp4", "video/mp4"),
        ("a.webm", "video/webm"), ("a.m3u8", "application/vnd.apple.mpegurl"),
        ("a.ts", "video/mp2t"), ("a.mp3", "audio/mpeg"), ("a.opus", "audio/ogg"),
        ("a.tar.gz", "application/gzip"), ("a.zip", "application/zip"),
        ("a.123", "application/vnd.lotus-1-2-3"), ("a.zst", "application/zstd"),
        ("a.zsh", "text/x-sh;charset=utf-8"),
    ])
    func `extensions have their types`(name: String, type: String) {
        #expect(MediaType.ofFile(named: name).description == type)
        #expect(MediaType.ofFile(named: "folder.d/" + name).description == type)
        #expect(MediaType.ofFile(named: name.uppercased()).description == type)
    }

    @Test(arguments: [
        "", "a", ".", "..", "a.", "a.unknown", "html", ".html", "a.html/b", "a/.html", "a.htmlx",
        "a.htm\0", "a.\n", "a. html", "a.{", "a.0", "a.~",
    ])
    func `what is unknown is bytes`(name: String) {
        #expect(MediaType.ofFile(named: name).description == "application/octet-stream")
    }
}
