import Testing

@testable import Syscalls

@Suite struct ProcessThreadsTests {
    @Test func `the threads of this process are found, this one among them`() throws {
        let threads = try ProcessThreads.all(limit: 10_000)
        #expect(threads.contains { $0.state == "R" })
        #expect(threads.map(\.id) == threads.map(\.id).sorted())
        #expect(try ProcessThreads.all(limit: 1).count == 1)
    }

    @Test(arguments: [
        ("7 (loop) S", "loop"), ("7 (a) b (c)) S", "a) b (c)"), ("7 () S", ""),
    ])
    func `a name may hold whatever a name can hold`(beginning: String, name: String) throws {
        let line = beginning + " 1 1 1 0 -1 0 0 0 0 0 250 50" + String(repeating: " 3", count: 30)
        let thread = try #require(ThreadStatus(stat: line, ticksPerSecond: 100))
        #expect(thread.id == 7)
        #expect(thread.name == name)
        #expect(thread.state == "S")
        #expect(thread.userSeconds == 2.5)
        #expect(thread.systemSeconds == 0.5)
        #expect(thread.processor == 3)
    }

    @Test(arguments: [
        "", "7", "7 (a) S 1", ") 7 (", "x (a) S" + String(repeating: " 1", count: 40),
    ])
    func `what is no such line is no thread`(line: String) {
        #expect(ThreadStatus(stat: line, ticksPerSecond: 100) == nil)
    }

    @Test func `an address is the same after it was kept as words`() throws {
        for text in ["192.0.2.1", "2001:db8::7", "::ffff:10.0.0.1"] {
            let address = try #require(SocketAddress(numericHost: text, port: 8_080))
            #expect(SocketAddress(words: address.words) == address)
        }
    }
}
