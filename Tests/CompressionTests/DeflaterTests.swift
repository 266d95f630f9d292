import Compression
import Foundation
import TestSupport
import Testing

/// What is compressed can be read again, by us and by others.
@Suite struct DeflaterTests {
    @Test(arguments: [1, 6, 9], [0, 1, 13, 4_096, 300_000])
    func `what was compressed comes back`(level: Int, count: Int) throws {
        for bytes in [text(count), noise(count)] {
            let gzip = try compress(bytes, .gzip, level: level)
            #expect(try expand(gzip, .gzip) == bytes)
            #expect(try expand(compress(bytes, .zlib, level: level), .deflate) == bytes)
            #expect(try expand(compress(bytes, .raw, level: level), .deflate) == bytes)
        }
    }

    @Test func `text becomes much smaller, and noise hardly larger`() throws {
        #expect(try compress(text(100_000)).count < 20_000)
        let noisy = try compress(noise(100_000)).count
        #expect((100_000..<100_100).contains(noisy))
    }

    @Test(arguments: 0...80)
    func `input may come in two pieces, divided anywhere`(split: Int) throws {
        let whole = text(80)
        var deflater = try Deflater(.gzip, Deflater.Settings(level: 6, memory: 1 << 18))
        var output: [UInt8] = []
        deflater.deflate(whole.span.extracting(0..<split), .none, into: &output)
        deflater.deflate(whole.span.extracting(split...), .finish, into: &output)
        let isFinished = deflater.isFinished
        #expect(isFinished)
        #expect(try expand(output, .gzip) == whole)
    }

    @Test func `a flush lets a reader see everything so far`() throws {
        var deflater = try Deflater(.gzip, Deflater.Settings(level: 6, memory: 1 << 18))
        var inflater = Inflater(.gzip)
        for index in 0..<50 {
            let event = Array("event \(index) of a stream\n".utf8)
            var (sent, seen): ([UInt8], [UInt8]) = ([], [])
            deflater.deflate(event.span, .sync, into: &sent)
            #expect(try inflater.inflate(sent.span, upTo: 65_536, into: &seen) == sent.count)
            #expect(seen == event)
        }
        var sent: [UInt8] = []
        deflater.deflate(Span(), .finish, into: &sent)
        #expect(sent.count < 20)
        var seen: [UInt8] = []
        #expect(try inflater.inflate(sent.span, upTo: 1, into: &seen) == sent.count)
        try inflater.finish()
        #expect(seen.isEmpty)
    }

    @Test func `a flush of nothing says nothing twice`() throws {
        var deflater = try Deflater(.gzip, Deflater.Settings(level: 6, memory: 1 << 18))
        var output: [UInt8] = []
        deflater.deflate([1].span, .sync, into: &output)
        let count = output.count
        deflater.deflate(Span(), .sync, into: &output)
        #expect(output.count == count)
    }

    @Test func `a compressor can be used again`() throws {
        var deflater = try Deflater(.gzip, Deflater.Settings(level: 6, memory: 1 << 18))
        var broken: [UInt8] = []
        deflater.deflate(text(1_000).span, .none, into: &broken)
        for count in [500, 0, 70_000] {
            deflater.reset()
            var output: [UInt8] = []
            deflater.deflate(text(count).span, .finish, into: &output)
            #expect(try output == compress(text(count)))
        }
    }

    @Test(arguments: [
        (3_072, 1, 9), (4_095, 1, 9), (4_096, 2, 9), (8_192, 3, 10), (65_536, 6, 13),
        (131_072, 7, 14), (262_143, 7, 14), (262_144, 8, 15), (393_216, 9, 15), (1 << 30, 9, 15),
    ])
    func `memory becomes the best settings that fit into it`(
        memory: Int, level: Int, windowBits: Int
    ) throws {
        let settings = Deflater.Settings(level: 6, memory: memory)
        #expect(settings.memoryLevel == level)
        #expect(settings.windowBits == windowBits)
        #expect(settings.byteCount <= memory)
        let bytes = text(50_000)
        #expect(try expand(compress(bytes, memory: memory), .gzip) == bytes)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gzip"), "no gzip"))
    func `gzip reads what we write`() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("sluice-gzip-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("text.gz")
        let whole = text(200_000)
        // Two members, as of two streams one behind the other.
        try Data(compress(Array(whole[..<90_000])) + compress(Array(whole[90_000...])))
            .write(to: file)
        let finished = try ChildProcess("/usr/bin/gzip", ["-dc", file.path]).wait()
        #expect(finished.code == 0)
        #expect(finished.output == String(decoding: whole, as: UTF8.self))
    }
}
