import Compression
import TestSupport

/// Lines that are much alike.
func lines(_ byteCount: Int) -> String {
    var text = ""
    var line = 0
    while text.utf8.count < byteCount {
        text += "line \(line): the quick brown fox jumps over the lazy dog \(line * 7_919)\n"
        line += 1
    }
    return String(text.prefix(byteCount))
}

/// A whole stream of these bytes.
func compressed(
    _ bytes: [UInt8], _ format: Deflater.Format = .gzip, level: Int = 6
) throws -> [UInt8] {
    var deflater = try Deflater(format, Deflater.Settings(level: level, memory: 1 << 18))
    var output: [UInt8] = []
    deflater.deflate(bytes.span, .finish, into: &output)
    return output
}

/// What a whole gzip stream says.
func expanded(_ stream: [UInt8]) throws -> [UInt8] {
    var inflater = Inflater(.gzip)
    var output: [UInt8] = []
    guard try inflater.inflate(stream.span, upTo: 1 << 28, into: &output) == stream.count else {
        throw ClientFailure("too much for one call")
    }
    try inflater.finish()
    return output
}

extension RawResponse {
    /// The body as the handler has made it, whatever its coding.
    func plainText() throws -> String {
        guard let coding = self["Content-Encoding"] else { return text }
        guard coding == "gzip" else { throw ClientFailure("Content-Encoding: \(coding)") }
        return String(decoding: try expanded(body), as: UTF8.self)
    }
}
