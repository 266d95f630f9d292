import Compression
import TestSupport

/// Bytes that are written as pairs of hexadecimal digits.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).map { index in
        UInt8(String(digits[index...index + 1]), radix: 16) ?? 0
    }
}

/// Lines that are much alike, as pages and logs are.
func text(_ byteCount: Int) -> [UInt8] {
    var text: [UInt8] = []
    var line = 0
    while text.count < byteCount {
        text += "line \(line): the quick brown fox jumps over the lazy dog \(line * 7_919)\n".utf8
        line += 1
    }
    return Array(text.prefix(byteCount))
}

/// Bytes that nothing can be saved of.
func noise(_ byteCount: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: 7)
    return (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
}

/// A whole stream of these bytes.
func compress(
    _ bytes: [UInt8], _ format: Deflater.Format = .gzip, level: Int = 6, memory: Int = 1 << 18
) throws -> [UInt8] {
    var deflater = try Deflater(format, Deflater.Settings(level: level, memory: memory))
    var output: [UInt8] = []
    deflater.deflate(bytes.span, .finish, into: &output)
    return output
}

/// All that a stream says, given in pieces of these sizes, the last for the rest; at most `room`
/// bytes at a time.
func expand(
    _ stream: [UInt8], _ format: Inflater.Format, pieces: [Int] = [], room: Int = 1 << 20
) throws -> [UInt8] {
    var inflater = Inflater(format)
    var output: [UInt8] = []
    var offset = 0
    for count in pieces + [stream.count] {
        let end = min(stream.count, offset + count)
        var start = offset
        while true {
            let before = output.count
            start += try inflater.inflate(
                stream.span.extracting(start..<end), upTo: room, into: &output)
            if output.count - before < room { break }
        }
        guard start == end else { throw CompressionError.corrupt }
        offset = end
    }
    try inflater.finish()
    return output
}
