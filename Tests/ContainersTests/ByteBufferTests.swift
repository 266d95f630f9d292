import Containers
import TestSupport
import Testing

@Suite struct ByteBufferTests {
    @Test func `holds no memory until bytes arrive`() {
        let buffer = ByteBuffer()
        #expect(buffer.capacity == 0)
        #expect(buffer.isEmpty == true)
        #expect(buffer.span.isEmpty == true)
        #expect(MemoryLayout<ByteBuffer>.size <= 24)
        buffer.checkInvariants()
    }

    @Test func `keeps appended bytes in order`() {
        var buffer = ByteBuffer()
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: 200)
        buffer.append(UInt8(ascii: " "))
        buffer.append(String("OK"))
        buffer.append([UInt8(13), 10].span)
        buffer.checkInvariants()
        #expect(text(buffer) == "HTTP/1.1 200 OK\r\n")
        #expect(buffer.count == 17)
        #expect(buffer.readableCount == 17)
    }

    @Test func `appending nothing takes no memory`() {
        var buffer = ByteBuffer()
        buffer.append("")
        buffer.append(String())
        buffer.append([UInt8]().span)
        buffer.reserve(0)
        buffer.checkInvariants()
        #expect(buffer.capacity == 0)
    }

    @Test(arguments: [
        0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 12_345, 99_999, 100_000, 4_294_967_295,
        4_294_967_296, 999_999_999_999_999_999, 1_000_000_000_000_000_000, Int.max, -1, -10, -100,
        Int.min,
    ])
    func `writes a decimal as String does`(value: Int) {
        var buffer = ByteBuffer()
        buffer.append(decimal: value)
        buffer.checkInvariants()
        #expect(text(buffer) == String(value))
    }

    @Test(arguments: [0, 1, 9, 10, 15, 16, 17, 255, 256, 4095, 4096, 65_535, 65_536, Int.max])
    func `writes a hexadecimal as String does`(value: Int) {
        var buffer = ByteBuffer()
        buffer.append(hexadecimal: value)
        buffer.checkInvariants()
        #expect(text(buffer) == String(value, radix: 16))
    }

    @Test func `writes every power of ten and its neighbours`() {
        var power = 1
        for _ in 0..<19 {
            for value in [power - 1, power, power + 1] {
                var buffer = ByteBuffer()
                buffer.append(decimal: value)
                #expect(text(buffer) == String(value))
            }
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
    }

    @Test func `numbers fit when the room ends exactly after them`() {
        var buffer = ByteBuffer(minimumCapacity: 64)
        for _ in 0..<62 { buffer.append(UInt8(ascii: "x")) }
        buffer.append(decimal: 42)
        #expect(buffer.capacity == 64)
        buffer.append(hexadecimal: 0xAB)
        buffer.checkInvariants()
        #expect(text(buffer).hasSuffix("x42ab"))
    }

    @Test func `consuming everything makes the whole capacity writable again`() {
        var buffer = ByteBuffer(minimumCapacity: 100)
        buffer.append("0123456789")
        buffer.consume(4)
        #expect(text(buffer) == "456789")
        #expect(buffer.unusedCapacity == 90)
        buffer.consume(6)
        buffer.checkInvariants()
        #expect(buffer.unusedCapacity == 100)
    }

    @Test func `truncating keeps the front`() {
        var buffer = ByteBuffer()
        buffer.append("abcdef")
        buffer.consume(1)
        buffer.truncate(toCount: 3)
        buffer.checkInvariants()
        #expect(text(buffer) == "bcd")
        buffer.truncate(toCount: 0)
        buffer.checkInvariants()
        #expect(buffer.isEmpty == true)
        #expect(buffer.unusedCapacity == buffer.capacity)
    }

    @Test func `reserving compacts instead of growing when the front has room`() {
        var buffer = ByteBuffer(minimumCapacity: 100)
        for _ in 0..<10 { buffer.append("0123456789") }
        buffer.consume(95)
        buffer.reserve(50)
        buffer.checkInvariants()
        #expect(buffer.capacity == 100)
        #expect(buffer.unusedCapacity == 95)
        #expect(text(buffer) == "56789")
    }

    @Test func `reserving grows at least twofold`() {
        var buffer = ByteBuffer(minimumCapacity: 100)
        for _ in 0..<10 { buffer.append("0123456789") }
        buffer.append(UInt8(ascii: "!"))
        buffer.checkInvariants()
        #expect(buffer.capacity >= 200)
        #expect(buffer.count == 101)
    }

    @Test(arguments: [
        (from: 0, count: 3, to: 2, expected: "ababcfgh"),
        (from: 2, count: 3, to: 0, expected: "cdedefgh"),
        (from: 5, count: 3, to: 0, expected: "fghdefgh"),
        (from: 0, count: 8, to: 0, expected: "abcdefgh"),
        (from: 8, count: 0, to: 8, expected: "abcdefgh"),
    ])
    func `moves bytes within itself`(from: Int, count: Int, to: Int, expected: String) {
        var buffer = ByteBuffer()
        buffer.append("--abcdefgh")
        buffer.consume(2)
        buffer.move(from: from, count: count, to: to)
        buffer.checkInvariants()
        #expect(text(buffer) == expected)
    }

    @Test func `lets a producer fill the unused bytes`() {
        var buffer = ByteBuffer()
        buffer.append("ab")
        let room = buffer.withUnusedCapacity(minimum: 200) { output in
            output.append(UInt8(ascii: "c"))
            output.append(UInt8(ascii: "d"))
            return output.freeCapacity
        }
        buffer.checkInvariants()
        #expect(room >= 198)
        #expect(text(buffer) == "abcd")
    }

    @Test func `keeps what was written before the producer failed`() {
        struct Failure: Error {}
        var buffer = ByteBuffer()
        #expect(throws: Failure.self) {
            try buffer.withUnusedCapacity(minimum: 1) { (output) throws(Failure) in
                output.append(UInt8(ascii: "x"))
                throw Failure()
            }
        }
        buffer.checkInvariants()
        #expect(text(buffer) == "x")
    }

    @Test func `changes bytes in place`() {
        var buffer = ByteBuffer()
        buffer.append("-abc")
        buffer.consume(1)
        var bytes = buffer.mutableSpan
        bytes[1] = UInt8(ascii: "B")
        #expect(text(buffer) == "aBc")
    }

    @Test func `traps on consuming more than is there`() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            buffer.append("ab")
            buffer.consume(3)
        }
    }

    @Test(arguments: seeds)
    func `agrees with an array over random operations`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var buffer = ByteBuffer()
        var model: [UInt8] = []
        for _ in 0..<4000 {
            switch Int.random(in: 0..<9, using: &generator) {
            case 0:
                let byte = UInt8.random(in: 0...255, using: &generator)
                buffer.append(byte)
                model.append(byte)
            case 1:
                let count = Int.random(in: 0..<300, using: &generator)
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                buffer.append(bytes.span)
                model.append(contentsOf: bytes)
            case 2:
                buffer.append("literal")
                model.append(contentsOf: "literal".utf8)
            case 3:
                let value = Int.random(in: Int.min...Int.max, using: &generator)
                buffer.append(decimal: value)
                model.append(contentsOf: String(value).utf8)
            case 4, 5:
                let count = Int.random(in: 0...model.count, using: &generator)
                buffer.consume(count)
                model.removeFirst(count)
            case 6:
                let count = Int.random(in: model.count / 2...model.count, using: &generator)
                buffer.truncate(toCount: count)
                model.removeLast(model.count - count)
            case 7:
                buffer.reserve(Int.random(in: 0..<500, using: &generator))
            default:
                let count = Int.random(in: 0..<20, using: &generator)
                buffer.withUnusedCapacity(minimum: count) { output in
                    for index in 0..<count { output.append(UInt8(index)) }
                }
                for index in 0..<count { model.append(UInt8(index)) }
            }
            buffer.checkInvariants()
            #expect(bytes(of: buffer) == model)
        }
    }
}

func bytes(of buffer: borrowing ByteBuffer) -> [UInt8] {
    let span = buffer.span
    return span.indices.map { span[$0] }
}

func text(_ buffer: borrowing ByteBuffer) -> String {
    String(decoding: bytes(of: buffer), as: UTF8.self)
}
