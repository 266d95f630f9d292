import Syscalls
import Testing

@Suite struct EpollTests {
    @Test func `reports nothing when nothing is ready`() throws {
        let epoll = try Epoll()
        let flag = try EventDescriptor()
        try epoll.add(flag.descriptor, events: .readable, data: 1)
        var list = EventList(capacity: 4)
        try epoll.wait(into: &list, timeoutNanoseconds: 0)
        #expect(list.count == 0)
        try epoll.wait(into: &list, timeoutNanoseconds: 1)
        #expect(list.count == 0)
    }

    @Test(arguments: [0, 1, UInt64.max, 0xDEAD_BEEF_0000_0001])
    func `hands the data back with the event`(data: UInt64) throws {
        let epoll = try Epoll()
        let flag = try EventDescriptor()
        try epoll.add(flag.descriptor, events: .readable, data: data)
        try flag.signal()
        var list = EventList(capacity: 4)
        try epoll.wait(into: &list, timeoutNanoseconds: nil)
        #expect(list.count == 1)
        #expect(list.data(0) == data)
        #expect(list.events(0) == .readable)
    }

    @Test func `a flag stays up until it is cleared, however often it was raised`() throws {
        let epoll = try Epoll()
        let flag = try EventDescriptor()
        try epoll.add(flag.descriptor, events: .readable, data: 1)
        var list = EventList(capacity: 4)
        for _ in 0..<3 { try flag.signal() }
        try epoll.wait(into: &list, timeoutNanoseconds: 0)
        #expect(list.count == 1)
        try flag.clear()
        try flag.clear()
        try epoll.wait(into: &list, timeoutNanoseconds: 0)
        #expect(list.count == 0)
    }

    @Test func `changes and forgets what it watches`() throws {
        let pair = try Loopback()
        let epoll = try Epoll()
        var list = EventList(capacity: 4)
        try epoll.add(pair.client, events: .readable, data: 1)
        try epoll.wait(into: &list, timeoutNanoseconds: 0)
        #expect(list.count == 0)
        try epoll.modify(pair.client, events: [.readable, .writable], data: 2)
        try epoll.wait(into: &list, timeoutNanoseconds: 0)
        #expect(list.count == 1)
        #expect(list.data(0) == 2)
        #expect(list.events(0) == .writable)
        try epoll.remove(pair.client)
        try epoll.wait(into: &list, timeoutNanoseconds: 0)
        #expect(list.count == 0)
    }

    @Test func `shows the end of the peer's stream`() throws {
        let pair = try Loopback()
        let epoll = try Epoll()
        var list = EventList(capacity: 4)
        try epoll.add(pair.server, events: .readHangUp, data: 1)
        try Socket.shutdownWrite(pair.client)
        try epoll.wait(into: &list, timeoutNanoseconds: 5_000_000_000)
        #expect(list.count == 1)
        #expect(list.events(0).contains(.readHangUp))
    }

    @Test func `reports at most as many events as the list holds`() throws {
        let epoll = try Epoll()
        let first = try EventDescriptor()
        let second = try EventDescriptor()
        try epoll.add(first.descriptor, events: .readable, data: 1)
        try epoll.add(second.descriptor, events: .readable, data: 2)
        try first.signal()
        try second.signal()
        var small = EventList(capacity: 1)
        try epoll.wait(into: &small, timeoutNanoseconds: 0)
        #expect(small.count == 1)
        var large = EventList(capacity: 8)
        try epoll.wait(into: &large, timeoutNanoseconds: 0)
        #expect(large.count == 2)
    }

    @Test func `refuses a descriptor that it watches already`() throws {
        let epoll = try Epoll()
        let flag = try EventDescriptor()
        try epoll.add(flag.descriptor, events: .readable, data: 1)
        #expect(throws: Errno.fileExists) {
            try epoll.add(flag.descriptor, events: .readable, data: 1)
        }
    }

    @Test(
        arguments: [
            (nanoseconds: nil, milliseconds: -1), (nanoseconds: 0, milliseconds: 0),
            (nanoseconds: 1, milliseconds: 1), (nanoseconds: 1_000_000, milliseconds: 1),
            (nanoseconds: 1_000_001, milliseconds: 2),
            (nanoseconds: UInt64.max, milliseconds: .max),
        ] as [(nanoseconds: UInt64?, milliseconds: Int32)])
    func `rounds a timeout up to milliseconds`(nanoseconds: UInt64?, milliseconds: Int32) {
        #expect(Epoll.milliseconds(roundingUp: nanoseconds) == milliseconds)
    }
}
