import Syscalls
import Testing

@Suite struct MonitorTests {
    @Test func `threads that change a value together lose nothing`() throws {
        let sum = Monitor(0)
        let first = try Thread(name: "first") { for _ in 0..<10_000 { sum.withLock { $0 += 1 } } }
        let second = try Thread(name: "second") { for _ in 0..<10_000 { sum.withLock { $0 += 1 } } }
        first.join()
        second.join()
        #expect(sum.withLock { $0 } == 20_000)
    }

    @Test func `a wait ends when another thread has brought what it waits for`() throws {
        let box = Monitor<Int?>(nil)
        let answer = Monitor(0)
        let consumer = try Thread(name: "consumer") {
            let value = box.wait { $0.take() }
            answer.withLock { $0 = value }
        }
        box.withLock { $0 = 42 }
        box.signal()
        consumer.join()
        #expect(answer.withLock { $0 } == 42)
    }

    @Test func `a signal for all ends all waits`() throws {
        let isOpen = Monitor(false)
        let passed = Monitor(0)
        let waiting: @Sendable () -> Void = {
            isOpen.wait { $0 ? () : nil }
            passed.withLock { $0 += 1 }
        }
        let first = try Thread(name: "first", waiting)
        let second = try Thread(name: "second", waiting)
        isOpen.withLock { $0 = true }
        isOpen.signalAll()
        first.join()
        second.join()
        #expect(passed.withLock { $0 } == 2)
    }

    @Test func `a value that cannot be copied can be guarded`() {
        let descriptor = Monitor<FileDescriptor?>(nil)
        let isThere = descriptor.withLock { $0 != nil }
        #expect(!isThere)
    }
}
