/// A long body, made once: a block that is sent over and over out of the same place, and the bytes
/// that end it. In the chunked coding each is a chunk with all that frames it.
struct UploadBody: Sendable {
    /// Data in a block, and in one call.
    static let chunkSize = 64 * 1024

    let block: [UInt8]
    let blockCount: Int
    /// The last 1 to 65,536 bytes of data; never empty, so that until it is sent nobody can have all.
    let tail: [UInt8]
    /// Data in the tail.
    private let tailDataCount: Int

    /// - Precondition: `byteCount` is positive.
    init(byteCount: Int, isChunked: Bool) {
        precondition(byteCount > 0)
        blockCount = (byteCount - 1) / Self.chunkSize
        tailDataCount = byteCount - blockCount * Self.chunkSize
        block = Self.piece(Self.chunkSize, isChunked: isChunked)
        tail =
            Self.piece(tailDataCount, isChunked: isChunked)
            + (isChunked ? Array("0\r\n\r\n".utf8) : [])
    }

    /// How many bytes of data are in the first `count` bytes on the wire; what frames a block counts
    /// as data at its beginning.
    func dataCount(ofSent count: Int) -> Int {
        let (blocks, rest) = count.quotientAndRemainder(dividingBy: block.count)
        return blocks < blockCount
            ? blocks * Self.chunkSize + min(rest, Self.chunkSize)
            : blockCount * Self.chunkSize + min(count - blockCount * block.count, tailDataCount)
    }

    private static func piece(_ count: Int, isChunked: Bool) -> [UInt8] {
        let data = [UInt8](repeating: UInt8(ascii: "."), count: count)
        guard isChunked else { return data }
        return Array("\(String(count, radix: 16))\r\n".utf8) + data + Array("\r\n".utf8)
    }
}
