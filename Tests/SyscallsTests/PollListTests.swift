import Syscalls
import Testing

@Suite struct PollListTests {
    @Test func `finds nothing where nothing is`() throws {
        let flag = try EventDescriptor()
        var list = PollList(count: 2)
        list.set(1, flag.descriptor, .readable)
        for time: UInt64 in [0, 1, 1_000_000] {
            let hasCome = try list.wait(timeoutNanoseconds: time)
            #expect(!hasCome)
            #expect(list.events(0).isEmpty)
            #expect(list.events(1).isEmpty)
        }
    }

    @Test func `tells which place it was`() throws {
        let first = try EventDescriptor()
        let second = try EventDescriptor()
        var list = PollList(count: 2)
        list.set(0, first.descriptor, .readable)
        list.set(1, second.descriptor, [.readable, .writable])
        try first.signal()
        let hasCome = try list.wait(timeoutNanoseconds: nil)
        #expect(hasCome)
        #expect(list.events(0) == .readable)
        #expect(list.events(1) == .writable)
    }

    @Test func `passes over an empty place`() throws {
        let flag = try EventDescriptor()
        try flag.signal()
        var list = PollList(count: 1)
        list.set(0, flag.descriptor, .readable)
        list.clear(0)
        let hasCome = try list.wait(timeoutNanoseconds: 0)
        #expect(!hasCome)
    }
}
