import Compression
import Testing

/// Streams of others, whole, in pieces, and damaged. They were made by Python's `zlib` and `gzip`.
@Suite struct InflaterTests {
    static let tea = Array("tea, tea and more tea, tea and more tea".utf8)

    static let gzip = bytes(
        "1f8b08000000000000032b494dd45128494d5448cc4b51c8cd2f4a0571304500932e10bd27000000")
    /// With extra field, name, comment and the header's own checksum (RFC 1952 §2.3).
    static let adorned = bytes(
        "1f8b081f0000000000030400616263646e616d6500636f6d6d656e740075ee"
            + "2b494dd45128494d5448cc4b51c8cd2f4a0571304500932e10bd27000000")
    static let zlib = bytes("789c2b494dd45128494d5448cc4b51c8cd2f4a057130450006c90d47")
    static let raw = bytes("2b494dd45128494d5448cc4b51c8cd2f4a0571304500")
    static let emptyGzip = bytes("1f8b080000000000020303000000000000000000")

    /// Name, format, stream, what it says.
    static let streams: [(String, Inflater.Format, [UInt8], [UInt8])] = [
        ("gzip", .gzip, gzip, tea), ("gzip with all of a header", .gzip, adorned, tea),
        ("empty gzip", .gzip, emptyGzip, []),
        ("three members", .gzip, gzip + emptyGzip + adorned, tea + tea),
        ("zlib", .deflate, zlib, tea), ("empty zlib", .deflate, bytes("789c030000000001"), []),
        ("raw", .deflate, raw, tea), ("empty raw", .deflate, bytes("0300"), []),
        ("stored raw", .deflate, bytes("010300fcff746561"), Array("tea".utf8)),
        ("no byte at all", .gzip, [], []), ("no byte at all", .deflate, [], []),
    ]

    @Test(arguments: streams)
    func `a stream is read whole, byte by byte and at every split`(
        name: String, format: Inflater.Format, stream: [UInt8], whole: [UInt8]
    ) throws {
        #expect(try expand(stream, format) == whole)
        let single = Array(repeating: 1, count: stream.count)
        #expect(try expand(stream, format, pieces: single) == whole)
        for split in 0...stream.count {
            #expect(try expand(stream, format, pieces: [split]) == whole, "\(split)")
        }
    }

    @Test(arguments: streams)
    func `no more is made at a time than there is room for`(
        name: String, format: Inflater.Format, stream: [UInt8], whole: [UInt8]
    ) throws {
        for room in 1...9 {
            #expect(try expand(stream, format, room: room) == whole, "\(room)")
            #expect(try expand(stream, format, pieces: [7, 1], room: room) == whole, "\(room)")
        }
    }

    @Test(arguments: streams)
    func `a stream that is cut anywhere is truncated`(
        name: String, format: Inflater.Format, stream: [UInt8], whole: [UInt8]
    ) throws {
        // Behind a member, and before the first, nothing is missing.
        let ends = [
            0, Self.gzip.count, Self.gzip.count + Self.emptyGzip.count, stream.count,
        ]
        for count in 0..<stream.count where name == "three members" || count > 0 {
            if name == "three members", ends.contains(count) { continue }
            #expect(throws: CompressionError.truncated, "\(count)") {
                try expand(Array(stream[..<count]), format)
            }
        }
    }

    @Test(arguments: [("gzip", gzip), ("zlib", zlib), ("three members", gzip + gzip)])
    func `a bit that is wrong is seen, wherever it is not free`(
        name: String, stream: [UInt8]
    ) throws {
        let format: Inflater.Format = name == "zlib" ? .deflate : .gzip
        for bit in 0..<(stream.count * 8) {
            var damaged = stream
            damaged[bit / 8] ^= 1 << (bit % 8)
            let whole = name == "three members" ? Self.tea + Self.tea : Self.tea
            // Time, system and hints of a gzip header may be anything; the rest says so.
            guard let output = try? expand(damaged, format) else { continue }
            #expect(output == whole, "bit \(bit)")
        }
    }

    @Test(arguments: [
        (Inflater.Format.gzip, gzip + [0], CompressionError.trailingBytes),
        (.gzip, gzip + zlib, .trailingBytes), (.gzip, gzip + [0x1F], .truncated),
        (.gzip, gzip + [0x1F, 0x8C, 8], .corrupt), (.deflate, zlib + [0], .trailingBytes),
        (.deflate, zlib + zlib, .trailingBytes), (.deflate, raw + [0], .trailingBytes),
        (.gzip, zlib, .corrupt), (.gzip, tea, .corrupt), (.deflate, gzip, .corrupt),
        (.deflate, [0xFF], .truncated), (.deflate, [0xFF, 0xFF], .corrupt),
        // A dictionary that both sides would have to know.
        (.deflate, bytes("78bb028a013b2b494d0400028a013b"), .corrupt),
    ])
    func `what is no stream is refused, and stays refused`(
        format: Inflater.Format, stream: [UInt8], error: CompressionError
    ) throws {
        #expect(throws: error) { try expand(stream, format) }
        let single = Array(repeating: 1, count: stream.count)
        #expect(throws: error) { try expand(stream, format, pieces: single) }
        guard error != .truncated else { return }
        var inflater = Inflater(format)
        var output: [UInt8] = []
        for _ in 0..<2 {
            do {
                _ = try inflater.inflate(stream.span, upTo: 1_000, into: &output)
                Issue.record("it was read")
            } catch {}
        }
        #expect(throws: error) { try finish(&inflater) }
    }

    private func finish(_ inflater: inout Inflater) throws(CompressionError) {
        try inflater.finish()
    }

    @Test func `a bomb goes off in pieces as small as one likes`() throws {
        let bomb = try compress(Array(repeating: 0, count: 8 << 20), level: 9)
        #expect(bomb.count < 10_000)
        var inflater = Inflater(.gzip)
        var offset = 0
        var sum = 0
        var made: [UInt8] = []
        repeat {
            made.removeAll(keepingCapacity: true)
            offset += try inflater.inflate(
                bomb.span.extracting(offset...), upTo: 65_536, into: &made)
            #expect(made.count <= 65_536)
            sum += made.count
        } while made.count == 65_536
        try inflater.finish()
        #expect(sum == 8 << 20)
        #expect(offset == bomb.count)
    }
}
