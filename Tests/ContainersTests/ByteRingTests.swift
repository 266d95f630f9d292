import Containers
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct ByteRingTests {
    @Test func `gives records back in order once they are published`() {
        let ring = ByteRing(capacity: 0)
        #expect(ring.capacity == ByteRing.minimumCapacity)
        #expect(ring.append([1, 2], [3]))
        #expect(ring.append([], [4]))
        #expect(ring.append([], []))
        #expect(ring.isEmpty)
        #expect(ring.records() == [])
        ring.publish()
        #expect(!ring.isEmpty)
        ring.checkInvariants()
        #expect(ring.records() == [[1, 2, 3], [4], []])
        #expect(ring.isEmpty)
        #expect(ring.usedByteCount == 0)
        ring.checkInvariants()
    }

    @Test func `a capacity is rounded up to a power of two`() {
        #expect(ByteRing(capacity: 5_000).capacity == 8_192)
        #expect(ByteRing(capacity: 8_192).capacity == 8_192)
    }

    @Test func `a full ring refuses, and takes again what fits when some was taken`() {
        let ring = ByteRing(capacity: 4_096)
        let record = [UInt8](repeating: 7, count: 1_020)
        for _ in 0..<4 { #expect(ring.append([], record)) }
        #expect(!ring.append([], record))
        #expect(!ring.append([], []))
        #expect(ring.usedByteCount == 4_096)
        ring.publish()
        ring.take { _ in false }
        #expect(!ring.append([], record + record))
        #expect(ring.append([], record))
        #expect(!ring.append([], []))
        ring.publish()
        ring.checkInvariants()
        #expect(ring.records() == Array(repeating: record, count: 4))
    }

    @Test func `a record that does not fit before the end begins at the start`() {
        let ring = ByteRing(capacity: 4_096)
        for round in 0..<200 {
            let first = [UInt8](repeating: UInt8(round), count: 1 + round * 7 % 1_200)
            let second = [UInt8](repeating: UInt8(round), count: round * 13 % 800)
            #expect(ring.append(first, second))
            ring.publish()
            ring.checkInvariants()
            #expect(ring.records() == [first + second])
        }
    }

    @Test func `the longest record fits wherever the last has ended`() {
        for start in stride(from: 0, to: 2_000, by: 56) {
            let ring = ByteRing(capacity: 4_096)
            #expect(ring.append([], [UInt8](repeating: 1, count: start)))
            ring.publish()
            ring.take { _ in true }
            let longest = [UInt8](repeating: 2, count: ring.maxRecordByteCount)
            #expect(!ring.append([], longest + [2]))
            #expect(ring.append([], longest))
            ring.publish()
            #expect(ring.records() == [longest])
        }
    }

    @Test func `two threads lose nothing and tear nothing`() throws {
        let ring = ByteRing(capacity: 4_096)
        let count = 20_000
        let isOver = Atomic(false)
        let ended = Happening()
        let producer = Producer(ring: ring, count: count)
        producer.start {
            isOver.store(true, ordering: .releasing)
            ended.happens()
        }
        var expected = 0
        var seen = SeededGenerator(seed: 1)
        while !isOver.load(ordering: .acquiring) || !ring.isEmpty {
            if ring.isEmpty { sched_yield() }
            ring.take { record in
                let length = Producer.length(&seen)
                if record.count != length
                    || (0..<length).contains(where: {
                        record[$0] != UInt8(truncatingIfNeeded: expected)
                    })
                {
                    Issue.record("record \(expected) is not what was put in")
                }
                expected += 1
                return true
            }
        }
        try ended.await()
        #expect(expected == count)
        ring.checkInvariants()
    }

    @Test func `values go through a buffer as they are`() {
        var buffer = ByteBuffer()
        buffer.append(1)
        buffer.append(bytesOf: UInt32(0xDEAD_BEEF))
        buffer.append(bytesOf: (UInt16(2), UInt64.max))
        #expect(buffer.span.value(at: 0, as: UInt8.self) == 1)
        #expect(buffer.span.value(at: 1, as: UInt32.self) == 0xDEAD_BEEF)
        let pair = buffer.span.value(at: 5, as: (UInt16, UInt64).self)
        #expect(pair == (2, .max))
        #expect(buffer.count == 5 + MemoryLayout<(UInt16, UInt64)>.size)
        buffer.checkInvariants()
    }
}

extension ByteRing {
    fileprivate func append(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        append(first.span.bytesOfValues, second.span)
    }

    fileprivate func records() -> [[UInt8]] {
        var records: [[UInt8]] = []
        take { record in
            records.append(Array(copying: record))
            return true
        }
        return records
    }
}

/// Puts records into a ring, each as long as a seeded generator says and full of its number.
private struct Producer {
    let ring: ByteRing
    let count: Int

    static func length(_ generator: inout SeededGenerator) -> Int {
        Int.random(in: 0...300, using: &generator)
    }

    func start(_ whenOver: @escaping @Sendable () -> Void) {
        let (ring, count) = (ring, count)
        Task.detached {
            var generator = SeededGenerator(seed: 1)
            for number in 0..<count {
                let record = [UInt8](
                    repeating: UInt8(truncatingIfNeeded: number),
                    count: Self.length(&generator))
                while !ring.append([], record) {
                    ring.publish()
                    sched_yield()
                }
                if number % 3 == 0 { ring.publish() }
            }
            ring.publish()
            whenOver()
        }
    }
}
