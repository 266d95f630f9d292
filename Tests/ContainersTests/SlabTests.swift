import Containers
import TestSupport
import Testing

@Suite struct SlabTests {
    @Test func `numbers slots from zero and reuses the one emptied last`() {
        var slab = Slab<Int>(capacity: 3)
        #expect(slab.insert(10)?.slot == 0)
        #expect(slab.insert(11)?.slot == 1)
        #expect(slab.insert(12)?.slot == 2)
        #expect(slab.remove(0) == 10)
        #expect(slab.remove(2) == 12)
        slab.checkInvariants()
        #expect(slab.insert(13)?.slot == 2)
        #expect(slab.insert(14)?.slot == 0)
        #expect(slab.isFull == true)
        slab.checkInvariants()
    }

    @Test func `says nil when full and destroys what did not fit`() {
        let counter = DropCounter()
        var slab = Slab<Tracked>(capacity: 1)
        #expect(slab.insert(Tracked(value: 1, counter: counter)) != nil)
        #expect(slab.insert(Tracked(value: 2, counter: counter)) == nil)
        #expect(counter.drops == 1)
        #expect(slab.count == 1)
        slab.checkInvariants()
    }

    @Test func `a slab of no slots is empty and full`() {
        var slab = Slab<Int>(capacity: 0)
        #expect(slab.isEmpty == true)
        #expect(slab.isFull == true)
        #expect(slab.insert(1) == nil)
        #expect(slab.firstSlot(from: 0) == nil)
        slab.checkInvariants()
    }

    @Test func `a key is stale once its element has left`() throws {
        var slab = Slab<Int>(capacity: 2)
        let firstInsertion = slab.insert(1)
        let first = try #require(firstInsertion)
        #expect(slab.contains(first) == true)
        #expect(slab.generation(of: first.slot) == first.generation)
        _ = slab.remove(first.slot)
        #expect(slab.contains(first) == false)
        let secondInsertion = slab.insert(2)
        let second = try #require(secondInsertion)
        #expect(second.slot == first.slot)
        #expect(second.generation != first.generation)
        #expect(slab.contains(first) == false)
        #expect(slab.contains(second) == true)
    }

    @Test(arguments: [-1, 1, 2, 3, Int.max])
    func `contains nothing outside of what was used`(slot: Int) {
        var slab = Slab<Int>(capacity: 3)
        _ = slab.insert(1)
        #expect(slab.contains(slot: slot, generation: 0) == false)
        #expect(slab.isOccupied(slot) == false)
    }

    @Test func `changes an element in place`() {
        let counter = DropCounter()
        var slab = Slab<Tracked>(capacity: 2)
        _ = slab.insert(Tracked(value: 1, counter: counter))
        slab[0].value += 41
        #expect(slab[0].value == 42)
        #expect(counter.drops == 0)
    }

    @Test func `destroys what is left exactly once`() {
        let counter = DropCounter()
        do {
            var slab = Slab<Tracked>(capacity: 8)
            for value in 0..<5 { _ = slab.insert(Tracked(value: value, counter: counter)) }
            _ = slab.remove(1)
            _ = slab.remove(3)
            #expect(counter.drops == 2)
        }
        #expect(counter.drops == 5)
    }

    @Test func `walks the occupied slots in order while they are removed`() {
        var slab = Slab<Int>(capacity: 8)
        for value in 0..<6 { _ = slab.insert(value) }
        _ = slab.remove(0)
        _ = slab.remove(3)
        var seen: [Int] = []
        var next = slab.firstSlot(from: 0)
        while let slot = next {
            seen.append(slab.remove(slot))
            next = slab.firstSlot(from: slot + 1)
        }
        #expect(seen == [1, 2, 4, 5])
        #expect(slab.isEmpty == true)
        slab.checkInvariants()
    }

    @Test func `traps on a free slot`() async {
        await #expect(processExitsWith: .failure) {
            var slab = Slab<Int>(capacity: 2)
            _ = slab.insert(1)
            _ = slab.remove(0)
            _ = slab[0]
        }
    }

    @Test(arguments: seeds)
    func `agrees with a dictionary over random operations`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var slab = Slab<Int>(capacity: 20)
        var model: [SlotKey: Int] = [:]
        var stale: [SlotKey] = []
        for step in 0..<4000 {
            if Int.random(in: 0..<5, using: &generator) < 3 {
                let key = slab.insert(step)
                #expect((key == nil) == (model.count == 20))
                if let key {
                    #expect(model[key] == nil)
                    model[key] = step
                }
            } else if let key = model.keys.min(by: { $0.slot < $1.slot }) {
                #expect(slab.remove(key.slot) == model.removeValue(forKey: key))
                stale.append(key)
            }
            slab.checkInvariants()
            #expect(slab.count == model.count)
            #expect(slab.isFull == (model.count == 20))
            for (key, value) in model {
                #expect(slab.contains(key) == true)
                #expect(slab[key.slot] == value)
            }
            for key in stale.suffix(50) { #expect(slab.contains(key) == false) }
        }
    }
}
