import Containers
import HTTPEngine
import Syscalls
import TestSupport
import Testing

@testable import Sluice

@Suite struct SlowRequestTests {
    private func exchange(
        _ connection: UInt64, firstByte: UInt64, end: UInt64
    ) -> FinishedExchange {
        var exchange = FinishedExchange()
        exchange.connection = connection
        exchange.start = Instant(nanoseconds: 1_000)
        exchange.firstByte = Instant(nanoseconds: firstByte == 0 ? 0 : 1_000 + firstByte)
        exchange.end = Instant(nanoseconds: 1_000 + end)
        return exchange
    }

    @Test(arguments: [
        (499, 499, false), (500, 500, true), (500, 900, true),
        // A download takes as long as its client does, and a stream as long as it is looked at.
        (10, 90_000, false),
        // There was no answer at all.
        (0, 500, true), (0, 499, false),
    ])
    func `a request is slow when its answer begins late`(
        firstByte: UInt64, end: UInt64, isSlow: Bool
    ) {
        let slow = SlowRequests(threshold: 500)
        slow.record(exchange(1, firstByte: firstByte, end: end), text: nil)
        #expect(slow.entries.count == (isSlow ? 1 : 0))
        #expect(slow.count == (isSlow ? 1 : 0))
    }

    @Test func `the oldest make room`() {
        let slow = SlowRequests(threshold: 1)
        for number in 1...100 {
            slow.record(exchange(UInt64(number), firstByte: 5, end: 5), text: nil)
        }
        #expect(slow.count == 100)
        #expect(slow.entries.map(\.exchange.connection) == (37...100).reversed().map { UInt64($0) })
    }

    @Test func `a text survives, without its query, and with others behind it`() throws {
        let response = try answer(to: "/?password=1", fields: []) { request, response in
            var texts = ByteBuffer()
            SlowRequestText.capture(request.view, into: &texts)
            let ownCount = texts.count
            texts.append("what others have captured")
            let isWhole = SlowRequestText.byteCount(in: texts.span) == ownCount
            guard let text = SlowRequestText(texts.span), isWhole else { return }
            response.send("\(text.method) \(text.path) \(text.peer.isLoopback)")
        }
        #expect(response.text == "GET / true")
    }

    @Test func `a text that was cut off is none`() {
        for bytes in [[], [UInt8](repeating: 9, count: 26)] {
            let text = SlowRequestText(bytes.span)
            #expect(text == nil)
        }
        let count = SlowRequestText.byteCount(in: [UInt8](repeating: 9, count: 26).span)
        #expect(count == 26)
        let none = SlowRequestText.byteCount(in: ([1, 2] as [UInt8]).span)
        #expect(none == 0)
    }
}
