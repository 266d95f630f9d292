import Testing

@testable import streaming

@Suite struct UploadBodyTests {
    @Test(arguments: [1, 65_535, 65_536, 65_537, 131_072, 200_000], [false, true])
    func `blocks and tail have exactly the data`(byteCount: Int, isChunked: Bool) {
        let body = UploadBody(byteCount: byteCount, isChunked: isChunked)
        #expect(!body.tail.isEmpty)
        let wire = (0..<body.blockCount).flatMap { _ in body.block } + body.tail
        let data = wire.count { $0 == UInt8(ascii: ".") }
        #expect(data == byteCount)
        if isChunked { #expect(wire.suffix(7).elementsEqual("\r\n0\r\n\r\n".utf8)) }
        if !isChunked { #expect(wire.count == byteCount) }
        #expect(body.dataCount(ofSent: 0) == 0)
        #expect(body.dataCount(ofSent: body.blockCount * body.block.count) < byteCount)
        #expect(body.dataCount(ofSent: wire.count) == byteCount)
    }
}
