import Syscalls
import TestSupport
import Testing

@testable import streaming

/// Transfers with servers that are wrong on purpose.
@Suite struct TransferTests {
    private func run(_ arguments: [String]) throws(TransferFailure) {
        guard let order = try? StreamingOptions.parse(arguments) else {
            preconditionFailure("the test's own command line")
        }
        let isUpload = order.direction == .upload
        _ = try Transfer.run(
            order, order.sides[0],
            body: isUpload
                ? UploadBody(byteCount: order.byteCount, isChunked: order.isChunked) : nil)
    }

    static let good: [String] = [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 10\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
        "HTTP/1.0 200 OK\r\n\r\n0123456789",
    ]

    @Test(arguments: good)
    func `a download of the right length is taken, however it is framed`(answer: String) throws {
        let server = try CannedServer(answer)
        try run(["download", server.url, "--bytes", "10"])
    }

    static let bad: [(String, TransferFailure)] = [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n012345678",
            .byteCount(9, wanted: 10)
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", .byteCount(0, wanted: 10)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", .byteCount(11, wanted: 10)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123", .closed(after: 4)),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789xyz",
            .unexpectedBytes(3)
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n012345678\r\n0\r\n\r\n",
            .byteCount(9, wanted: 10)
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n",
            .tooMany(wanted: 10)
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n",
            .closed(after: 10)
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789xy",
            .malformed(offset: 60)
        ),
        ("HTTP/1.0 200 OK\r\n\r\n012345678", .byteCount(9, wanted: 10)),
        ("HTTP/1.0 200 OK\r\n\r\n0123456789a", .tooMany(wanted: 10)),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 13\r\n\r\nnothing here\n",
            .status(404, body: "nothing here")
        ),
        ("SSH-2.0-server\r\n", .malformed(offset: 0)),
        ("", .closed(after: 0)),
    ]

    @Test(arguments: bad)
    func `a wrong download is refused, and named`(
        answer: String, failure: TransferFailure
    ) throws {
        let server = try CannedServer(answer)
        #expect(throws: failure) { try run(["download", server.url, "--bytes", "10"]) }
    }

    @Test func `what has to come chunked may not come otherwise`() throws {
        let server = try CannedServer(Self.good[0])
        #expect(throws: TransferFailure.notChunked) {
            try run(["download", server.url, "--bytes", "10", "--chunked"])
        }
    }

    @Test func `a download that stands still fails`() throws {
        let server = try CannedServer(
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123", closes: false)
        defer { server.release() }
        #expect(throws: TransferFailure.silence(nanoseconds: 50_000_000, after: 4)) {
            try run(["download", server.url, "--bytes", "10", "--patience", "50ms"])
        }
    }

    static let uploadAnswers: [(String, TransferFailure?)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", nil),
        ("HTTP/1.1 204 No Content\r\n\r\n", nil),
        ("HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\n200000", nil),
        ("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n200,000", nil),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n199999",
            .received(199_999, wanted: 200_000)
        ),
        (
            "HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 4\r\n\r\nfull",
            .status(507, body: "full")
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n2", .closed(after: 200_000)),
        ("", .closed(after: 200_000)),
    ]

    @Test(arguments: uploadAnswers)
    func `the answer to an upload is looked at`(
        answer: String, failure: TransferFailure?
    ) throws {
        let server = try CannedServer(answer, at: .body(200_000))
        do throws(TransferFailure) {
            try run(["upload", server.url, "--bytes", "200000"])
            #expect(failure == nil)
        } catch {
            #expect(error == failure)
        }
    }

    /// More than the kernel holds for a server that does not read, so that the client notices.
    @Test(arguments: [[], ["--chunked"]])
    func `an answer before the end of an upload is refused`(framing: [String]) throws {
        let server = try CannedServer(
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", closes: false)
        defer { server.release() }
        do throws(TransferFailure) {
            try run(["upload", server.url, "--bytes", "1g", "--patience", "50ms"] + framing)
            Issue.record("the upload went through")
        } catch {
            guard case .early(status: 200, let count) = error else {
                Issue.record("\(error)")
                return
            }
            #expect((1..<(1 << 30)).contains(count))
        }
    }

    @Test func `the status of a refused upload is told, not the standstill behind it`() throws {
        let server = try CannedServer(
            "HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\n\r\ntoo much", closes: false)
        defer { server.release() }
        #expect(throws: TransferFailure.status(413, body: "too much")) {
            try run(["upload", server.url, "--bytes", "1g", "--patience", "50ms"])
        }
    }

    @Test func `a server that is not there is named`() throws {
        do throws(TransferFailure) {
            try run(["download", "http://127.0.0.1:1/"])
            Issue.record("something answered")
        } catch {
            #expect(error.description.hasPrefix("no connection: 127.0.0.1:1: "))
        }
    }
}
