import Synchronization
import Testing

@testable import Sluice

/// Names of requests and of traces, as text.
@Suite struct RequestIDTests {
    @Test func `128 bits are written as RFC 9562 and RFC 4648 have them`() {
        let bits: UInt128 = 0x0f8f_ad5b_d9cb_469f_a165_7086_7728_950e
        #expect(IDText.uuid(bits) == "0f8fad5b-d9cb-469f-a165-70867728950e")
        // As base32(1) and base64(1) write these bytes, without the padding.
        #expect(IDText.base32(bits) == "B6H22W6ZZNDJ7ILFOCDHOKEVBY")
        #expect(IDText.base64(bits) == "D4-tW9nLRp-hZXCGdyiVDg")
        #expect(IDText.hexadecimal(bits) == "0f8fad5bd9cb469fa16570867728950e")
        #expect(IDText.hexadecimal(UInt64(0x0f8f_ad5b_d9cb_469f)) == "0f8fad5bd9cb469f")
    }

    @Test func `the least and the greatest ULID are written as its specification says`() {
        #expect(IDText.crockford(0) == "00000000000000000000000000")
        #expect(IDText.crockford(.max) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
        // The time of the specification's example, 1469918176385 ms.
        #expect(IDText.crockford(1_469_918_176_385 << 80).hasPrefix("01ARYZ6S41"))
    }

    @Test func `a UUID has its version and variant, and no two are the same`() {
        let source = IDSource()
        let ids = (0..<1_000).map { _ in IDText.uuid(source.uuid()) }
        let form = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        #expect(ids.allSatisfy { $0.wholeMatch(of: form) != nil })
        #expect(Set(ids).count == ids.count)
    }

    @Test func `ULIDs grow within a millisecond, and when the clock goes back`() {
        let time = Mutex<UInt64>(1_000_000)
        let source = IDSource(milliseconds: { time.withLock { $0 } })
        var ids: [UInt128] = []
        for change in [0, 0, 1, -50_000, 0, 50_001] as [Int64] {
            time.withLock { $0 = UInt64(Int64($0) + change) }
            ids.append(source.ulid())
        }
        #expect(ids == ids.sorted() && Set(ids).count == ids.count)
        #expect(
            ids.map { $0 >> 80 } == [
                1_000_000, 1_000_000, 1_000_001, 1_000_001, 1_000_001, 1_000_002,
            ])
        let texts = ids.map(IDText.crockford)
        #expect(texts == texts.sorted(), "their text has the same order")
    }

    @Test func `names of traces and spans are not 0`() {
        let source = IDSource()
        #expect(source.traceID() != 0 && source.spanID() != 0)
    }

    @Test(arguments: [
        ("a", true), ("0f8fad5b-d9cb-469f-a165-70867728950e", true), ("a/b+c==", true),
        ("Root=1-67891233-abcdef", true), ("!#$%&'*+-.^_`|~:", true),
        (String(repeating: "x", count: 128), true), (String(repeating: "x", count: 129), false),
        ("", false), ("a b", false), ("a\tb", false), ("a\"b", false), ("a,b", false),
        ("a;b", false), ("a\\b", false), ("a\u{7F}", false), ("é", false), ("<b>", false),
    ])
    func `a name is short and of harmless characters`(id: String, isWellFormed: Bool) {
        let isTaken = RequestIDs.isWellFormed(id.utf8.span)
        #expect(isTaken == isWellFormed)
    }

    @Test(arguments: [
        "", "a b", "a:", "Content-Length", "transfer-encoding", "Connection", "Set-Cookie", "date",
        "Location", "traceparent", "Authorization",
    ])
    func `the field has a name that means nothing else`(name: String) {
        #expect(throws: InvalidField.self) { try RequestIDs(fieldName: name) }
    }
}
