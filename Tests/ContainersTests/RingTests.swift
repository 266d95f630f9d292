import Containers
import TestSupport
import Testing

@Suite struct RingTests {
    @Test func `gives elements back in order across the wrap`() {
        var ring = Ring<Int>(capacity: 3)
        ring.append(1)
        ring.append(2)
        #expect(ring.popFirst() == 1)
        ring.append(3)
        ring.append(4)
        ring.checkInvariants()
        #expect(ring.isFull == true)
        #expect(ring.first == 2)
        #expect(ring.last == 4)
        #expect(ring[1] == 3)
        #expect(ring.popFirst() == 2)
        #expect(ring.popFirst() == 3)
        #expect(ring.popFirst() == 4)
        #expect(ring.popFirst() == nil)
        #expect(ring.isEmpty == true)
        ring.checkInvariants()
    }

    @Test func `a ring of no places is empty and full`() {
        var ring = Ring<Int>(capacity: 0)
        #expect(ring.isEmpty == true)
        #expect(ring.isFull == true)
        #expect(ring.popFirst() == nil)
        ring.checkInvariants()
    }

    @Test func `changes an element in place`() {
        let counter = DropCounter()
        var ring = Ring<Tracked>(capacity: 2)
        ring.append(Tracked(value: 1, counter: counter))
        ring.append(Tracked(value: 2, counter: counter))
        ring.first.value += 10
        ring[1].value += 20
        #expect(ring.first.value == 11)
        #expect(ring.last.value == 22)
        #expect(counter.drops == 0)
    }

    @Test func `destroys what is left exactly once`() {
        let counter = DropCounter()
        do {
            var ring = Ring<Tracked>(capacity: 3)
            for value in 0..<3 { ring.append(Tracked(value: value, counter: counter)) }
            _ = ring.popFirst()
            ring.append(Tracked(value: 3, counter: counter))
            #expect(counter.drops == 1)
        }
        #expect(counter.drops == 4)
    }

    @Test func `removing all destroys all`() {
        let counter = DropCounter()
        var ring = Ring<Tracked>(capacity: 3)
        for value in 0..<3 { ring.append(Tracked(value: value, counter: counter)) }
        ring.removeAll()
        ring.checkInvariants()
        #expect(ring.isEmpty == true)
        #expect(counter.drops == 3)
    }

    @Test func `traps on appending to a full ring`() async {
        await #expect(processExitsWith: .failure) {
            var ring = Ring<Int>(capacity: 1)
            ring.append(1)
            ring.append(2)
        }
    }

    @Test(arguments: seeds)
    func `agrees with an array over random operations`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ring = Ring<Int>(capacity: 7)
        var model: [Int] = []
        for step in 0..<4000 {
            if Bool.random(using: &generator) && !ring.isFull {
                ring.append(step)
                model.append(step)
            } else {
                let expected = model.isEmpty ? nil : model.removeFirst()
                #expect(ring.popFirst() == expected)
            }
            ring.checkInvariants()
            #expect(ring.count == model.count)
            #expect(ring.isFull == (model.count == 7))
            for offset in model.indices { #expect(ring[offset] == model[offset]) }
        }
    }
}
