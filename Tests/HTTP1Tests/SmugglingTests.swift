import Testing

@testable import HTTP1

/// Requests whose end two parsers might see in different places. None may pass.
@Suite struct SmugglingTests {
    static let refused: [Fault] = [
        // Content-Length and Transfer-Encoding, in both orders.
        .init(
            "Content-Length: 6\r\nTransfer-Encoding: chunked", .contentLengthWithTransferEncoding),
        .init(
            "Transfer-Encoding: chunked\r\nContent-Length: 6", .contentLengthWithTransferEncoding),
        .init(
            "Transfer-Encoding: chunked\r\nContent-Length: 0", .contentLengthWithTransferEncoding),
        .init(
            "Content-Length: 6\r\nTransfer-Encoding: gzip, chunked",
            .contentLengthWithTransferEncoding),
        .init("Content-Length: 6\r\nTransfer-Encoding: x", .contentLengthWithTransferEncoding),
        // Content-Length.
        .init("Content-Length: 6\r\nContent-Length: 6", .duplicateContentLength),
        .init("Content-Length: 6\r\nContent-Length: 5", .duplicateContentLength),
        .init("Content-Length: 6\r\ncontent-length: 6", .duplicateContentLength),
        .init("Content-Length: 6, 6", .invalidContentLength),
        .init("Content-Length: 6,", .invalidContentLength),
        .init("Content-Length: +6", .invalidContentLength),
        .init("Content-Length: -6", .invalidContentLength),
        .init("Content-Length: -0", .invalidContentLength),
        .init("Content-Length: 0x6", .invalidContentLength),
        .init("Content-Length: 6 6", .invalidContentLength),
        .init("Content-Length: 6.0", .invalidContentLength),
        .init("Content-Length: 6e1", .invalidContentLength),
        .init("Content-Length: \"6\"", .invalidContentLength),
        .init("Content-Length:", .invalidContentLength),
        .init("Content-Length:  \t", .invalidContentLength),
        .init("Content-Length: \u{FF16}", .invalidContentLength),
        .init("Content-Length: 9223372036854775808", .invalidContentLength),
        .init("Content-Length: 18446744073709551616", .invalidContentLength),
        .init("Content-Length: 18446744073709551622", .invalidContentLength),
        .init("Content-Length: 99999999999999999999999999999999", .invalidContentLength),
        .init("Content-Length : 6", .spaceBeforeColon),
        .init("Content-Length\t: 6", .spaceBeforeColon),
        .init(" Content-Length: 6", .obsoleteLineFolding),
        .init("Content-Length: \r\n 6", .invalidContentLength),
        .init("Content-Length: 6\u{0}", .controlByteInValue),
        .init("Content-Length: \u{B}6", .controlByteInValue),
        .init("Content_Length: 6\nContent-Length: 6", .bareLineFeed),
        // Transfer-Encoding.
        .init("Transfer-Encoding : chunked", .spaceBeforeColon),
        .init("Transfer-Encoding\t:chunked", .spaceBeforeColon),
        .init(" Transfer-Encoding: chunked", .obsoleteLineFolding),
        .init("Transfer-Encoding:\r\n chunked", .invalidTransferEncoding),
        .init("Transfer-Encoding:\n chunked", .bareLineFeed),
        .init("X: x\nTransfer-Encoding: chunked", .bareLineFeed),
        .init("X: x\rTransfer-Encoding: chunked", .bareCarriageReturn),
        .init("Transfer-Encoding: xchunked", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunkedx", .invalidTransferEncoding),
        .init("Transfer-Encoding: \u{B}chunked", .controlByteInValue),
        .init("Transfer-Encoding: chunked\u{B}", .controlByteInValue),
        .init("Transfer-Encoding: chunked\u{0}", .controlByteInValue),
        .init("Transfer-Encoding: \"chunked\"", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked;q=1", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked ; x", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunk ed", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked chunked", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked, chunked", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked\r\nTransfer-Encoding: x", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked\r\nTransfer-Encoding:", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked, identity", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked, gzip", .invalidTransferEncoding),
        .init("Transfer-Encoding: chunked,", .invalidTransferEncoding),
        .init("Transfer-Encoding: , chunked", .invalidTransferEncoding),
        .init("Transfer-Encoding: identity", .invalidTransferEncoding),
        .init("Transfer-Encoding: gzip", .invalidTransferEncoding),
        .init("Transfer-Encoding:", .invalidTransferEncoding),
        .init("Transfer-Encoding: \u{e7}hunked", .invalidTransferEncoding),
        .init("Transfer-\u{400}ncoding: chunked", .invalidFieldName),
        .init("Transfer-Encoding: gzip, chunked, chunked", .invalidTransferEncoding),
        .init("Transfer-Encoding: gzip, chunked", .unsupportedTransferCoding),
        .init("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", .unsupportedTransferCoding),
        .init("Transfer-Encoding: identity, chunked", .unsupportedTransferCoding),
        .init("Transfer-Encoding: x , chunked ", .unsupportedTransferCoding),
    ]

    @Test(arguments: refused)
    func `is refused`(_ fault: Fault) throws {
        let wire = Array("POST / HTTP/1.1\r\nHost: a\r\n\(fault.wire)\r\n\r\n0\r\n\r\n".utf8)
        let events = requestEvents(wire, .whole)
        #expect(events.hasPrefix("error \(fault.kind.status) \(fault.kind) at "))
        expectRequests(wire, events)
    }

    @Test(arguments: ["chunked", "gzip", "gzip, chunked", "identity"])
    func `transfer codings on HTTP/1.0 are refused`(_ codings: String) {
        let wire = Array("POST / HTTP/1.0\r\nTransfer-Encoding: \(codings)\r\n\r\n0\r\n\r\n".utf8)
        expectRequests(wire, "error 400 transferEncodingInHTTP10 at \(wire.count - 5)")
    }

    @Test(arguments: [
        "Transfer-Encoding: chunked", "transfer-encoding:chunked", "TRANSFER-ENCODING:\tChunked\t ",
    ])
    func `one chunked in any case, with whitespace around it, is chunked`(_ line: String) throws {
        let wire = Array("POST / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n".utf8)
        var head = RequestHead()
        _ = try RequestParser().parse(wire.span, from: 0, into: &head)
        #expect(head.framing == .chunked)
    }

    @Test(arguments: [
        ("0", 0), ("6", 6), ("006", 6), (" \t6\t", 6), ("9223372036854775807", Int.max),
        ("00000000000000000000000000000000006", 6),
    ])
    func `one number is a length`(_ value: String, _ length: Int) throws {
        let wire = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\(value)\r\n\r\n".utf8)
        var head = RequestHead()
        _ = try RequestParser().parse(wire.span, from: 0, into: &head)
        #expect(head.contentLength == length)
        #expect(head.framing == (length == 0 ? .none : .contentLength(length)))
    }
}
