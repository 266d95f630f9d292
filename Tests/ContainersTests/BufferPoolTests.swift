import Containers
import TestSupport
import Testing

@Suite struct BufferPoolTests {
    @Test func `gives a fresh buffer of standard capacity when empty`() {
        var pool = BufferPool(limit: 4)
        let buffer = pool.take()
        #expect(buffer.capacity == BufferPool.defaultCapacity)
        #expect(pool.pooledCount == 0)
        pool.checkInvariants()
    }

    @Test func `hands out the buffer that was given back last, emptied`() {
        var pool = BufferPool(standardCapacity: 100, limit: 4)
        pool.giveBack(ByteBuffer(minimumCapacity: 100))
        var marked = ByteBuffer(minimumCapacity: 150)
        marked.append("old bytes")
        pool.giveBack(marked)
        pool.checkInvariants()
        #expect(pool.pooledCount == 2)
        let first = pool.take()
        #expect(first.capacity == 150)
        #expect(first.isEmpty == true)
        let second = pool.take()
        #expect(second.capacity == 100)
        #expect(pool.pooledCount == 0)
    }

    @Test(arguments: [
        (capacity: 0, kept: false), (capacity: 99, kept: false), (capacity: 100, kept: true),
        (capacity: 400, kept: true), (capacity: 401, kept: false),
    ])
    func `keeps only buffers of a useful size`(capacity: Int, kept: Bool) {
        var pool = BufferPool(standardCapacity: 100, limit: 4)
        pool.giveBack(ByteBuffer(minimumCapacity: capacity))
        pool.checkInvariants()
        #expect(pool.pooledCount == (kept ? 1 : 0))
    }

    @Test func `keeps no more than its limit`() {
        var pool = BufferPool(standardCapacity: 100, limit: 2)
        for _ in 0..<3 { pool.giveBack(ByteBuffer(minimumCapacity: 100)) }
        pool.checkInvariants()
        #expect(pool.pooledCount == 2)
        var none = BufferPool(standardCapacity: 100, limit: 0)
        none.giveBack(ByteBuffer(minimumCapacity: 100))
        none.checkInvariants()
        #expect(none.pooledCount == 0)
    }

    @Test func `moves memory into and out of a slot`() {
        var pool = BufferPool(standardCapacity: 100, limit: 2)
        var slot = ByteBuffer()
        pool.take(into: &slot)
        #expect(slot.capacity == 100)
        slot.append("bytes")
        pool.giveBack(from: &slot)
        slot.checkInvariants()
        pool.checkInvariants()
        #expect(slot.capacity == 0)
        #expect(pool.pooledCount == 1)
        pool.giveBack(from: &slot)
        #expect(pool.pooledCount == 1)
    }

    @Test(arguments: seeds)
    func `agrees with an array over random operations`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var pool = BufferPool(standardCapacity: 64, limit: 8)
        var model: [Int] = []
        for _ in 0..<2000 {
            if Bool.random(using: &generator) {
                let buffer = pool.take()
                #expect(buffer.capacity == (model.popLast() ?? 64))
            } else {
                let capacity = Int.random(in: 1...300, using: &generator)
                pool.giveBack(ByteBuffer(minimumCapacity: capacity))
                if capacity >= 64 && capacity <= 256 && model.count < 8 { model.append(capacity) }
            }
            pool.checkInvariants()
            #expect(pool.pooledCount == model.count)
        }
    }
}
