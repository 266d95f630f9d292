import Foundation
import TestSupport
import Testing

/// `PUT /upload/{name}` of the executable.
@Suite(.onEveryEngine) struct DemoUploadTests {
    @Test(arguments: [0, 1, 65_536, 3_000_000], [true, false])
    func `a file is what was sent`(count: Int, isChunked: Bool) throws {
        try withUploads { sluice, folder in
            let client = try sluice.client()
            let body = bytes(count)
            try client.send("PUT /upload/tea%20leaves HTTP/1.1\r\nHost: a\r\n")
            if isChunked {
                try client.send(Array("Transfer-Encoding: chunked\r\n\r\n".utf8) + chunked(body))
            } else {
                try client.send(Array("Content-Length: \(count)\r\n\r\n".utf8) + body)
            }
            let response = try client.response()
            #expect(response.status == 201)
            #expect(response.text == "\(count) bytes\n")
            let file = try Data(contentsOf: folder.appending(path: "tea leaves"))
            #expect(file.elementsEqual(body))
        }
    }

    @Test func `a file that is there stays`() throws {
        try withUploads { sluice, folder in
            let client = try sluice.client()
            for (text, status) in [("old", 201), ("new", 409)] {
                try client.send(
                    "PUT /upload/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n\(text)")
                #expect(try client.response().status == status)
            }
            let file = try String(contentsOf: folder.appending(path: "a"), encoding: .utf8)
            #expect(file == "old")
        }
    }

    @Test(arguments: ["..", ".hidden", "a%2Fb", "%2E%2E%2Fa", "a%00b"])
    func `a name that cannot be gets 400 before the body`(name: String) throws {
        try withUploads { sluice, folder in
            let client = try sluice.client()
            try client.send(
                "PUT /upload/\(name) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                    + "Expect: 100-continue\r\n\r\n")
            #expect(try client.response().status == 400)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        }
    }

    @Test(arguments: [true, false])
    func `a file of one byte more than the limit gets 413`(isChunked: Bool) throws {
        try withUploads(["--upload-max-size", "64k"]) { sluice, folder in
            let client = try sluice.client()
            try client.send("PUT /upload/a HTTP/1.1\r\nHost: a\r\n")
            if isChunked {
                try client.send("Transfer-Encoding: chunked\r\n\r\n")
                try client.sendWhileReading(chunked(bytes(65_537)))
            } else {
                try client.send("Content-Length: 65537\r\n\r\n")
            }
            #expect(try client.response().status == 413)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        }
    }

    @Test func `without a folder there is no such route`() throws {
        try withSluice { sluice in
            let client = try sluice.client()
            try client.send(
                "PUT /upload/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
            #expect(try client.response().status == 404)
        }
    }

    /// Runs the executable with a folder of its own for uploads.
    private func withUploads(
        _ arguments: [String] = [], _ body: (SluiceProcess, URL) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "uploads-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try withSluice(["--upload-dir", folder.path] + arguments) { try body($0, folder) }
    }
}
