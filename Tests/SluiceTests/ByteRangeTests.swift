import Sluice
import TestSupport
import Testing

/// `Range` (RFC 9110 §14), asked for of representations of a known length.
@Suite struct ByteRangeTests {
    @Test(arguments: [
        // One range, in all its forms (§14.1.2).
        ("bytes=0-0", 10_000, "[0..<1]"), ("bytes=0-499", 10_000, "[0..<500]"),
        ("bytes=500-999", 10_000, "[500..<1000]"), ("bytes=-500", 10_000, "[9500..<10000]"),
        ("bytes=9500-", 10_000, "[9500..<10000]"), ("bytes=0-", 10_000, "[0..<10000]"),
        ("bytes=9999-", 10_000, "[9999..<10000]"), ("bytes=9999-20000", 10_000, "[9999..<10000]"),
        ("bytes=-20000", 10_000, "[0..<10000]"), ("BYTES=1-2", 10_000, "[1..<3]"),
        ("bytes= 1-2 ", 10_000, "[1..<3]"), ("bytes=1-2,", 10_000, "[1..<3]"),
        ("bytes=,,1-2", 10_000, "[1..<3]"), ("bytes=007-008", 10_000, "[7..<9]"),
        ("bytes=0-99999999999999999999999999", 10_000, "[0..<10000]"),
        ("bytes=-99999999999999999999999999", 10_000, "[0..<10000]"),
        // Nothing of it is there (§15.5.17).
        ("bytes=10000-", 10_000, "nothing"), ("bytes=10000-10001", 10_000, "nothing"),
        ("bytes=-0", 10_000, "nothing"), ("bytes=20000-,-0", 10_000, "nothing"),
        ("bytes=99999999999999999999999999-", 10_000, "nothing"),
        ("bytes=0-", 0, "nothing"), ("bytes=0-0", 0, "nothing"), ("bytes=-0", 0, "nothing"),
        // Satisfiable, but there is no way to say it.
        ("bytes=-5", 0, "whole"),
        // What is no list of ranges of ours is as if it had not come (§14.2).
        ("", 10_000, "whole"), ("bytes", 10_000, "whole"), ("bytes=", 10_000, "whole"),
        ("bytes=,", 10_000, "whole"), ("bytes=-", 10_000, "whole"), ("bytes=1", 10_000, "whole"),
        ("bytes=2-1", 10_000, "whole"), ("bytes=a-b", 10_000, "whole"),
        ("bytes=1-2-3", 10_000, "whole"), ("bytes=+1-2", 10_000, "whole"),
        ("bytes=0x1-2", 10_000, "whole"), ("bytes=1 -2", 10_000, "whole"),
        ("bytes=--1", 10_000, "whole"), ("bytes =1-2", 10_000, "whole"),
        ("bytes:1-2", 10_000, "whole"), ("items=1-2", 10_000, "whole"),
        ("bytes=1-2,x", 10_000, "whole"), ("bytes=1-2;3-4", 10_000, "whole"),
        // Several, in the order in which they are asked for (§15.3.7.2).
        ("bytes=0-9,500-509", 10_000, "[0..<10, 500..<510]"),
        ("bytes=500-509, 0-9", 10_000, "[500..<510, 0..<10]"),
        ("bytes=-10,0-9,5000-5009", 10_000, "[9990..<10000, 0..<10, 5000..<5010]"),
        ("bytes=0-9,20000-,500-509", 10_000, "[0..<10, 500..<510]"),
        ("bytes=0-9,-0", 10_000, "[0..<10]"),
        // Made one where they touch, overlap, or have less between them than a part's head.
        ("bytes=0-9,10-19", 10_000, "[0..<20]"), ("bytes=0-9,5-19", 10_000, "[0..<20]"),
        ("bytes=0-99,10-19", 10_000, "[0..<100]"), ("bytes=10-19,0-9", 10_000, "[0..<20]"),
        ("bytes=0-9,100-109", 10_000, "[0..<110]"),
        ("bytes=0-9,170-179", 10_000, "[0..<180]"),
        ("bytes=0-9,171-179", 10_000, "[0..<10, 171..<180]"),
        ("bytes=0-9,5000-5009,300-309,150-159", 10_000, "[0..<310, 5000..<5010]"),
        ("bytes=5000-5009,0-9,0-,1-2", 10_000, "[0..<10000]"),
        // More than the whole would cost.
        ("bytes=0-9,500-509", 340, "[0..<10]"), ("bytes=0-9,-10", 340, "whole"),
        ("bytes=0-9,-10", 341, "[0..<10, 331..<341]"),
        ("bytes=0-4800,5000-", 10_000, "whole"),
    ])
    func `ranges are read, joined and bounded`(
        value: String, byteCount: Int, expected: String
    ) throws {
        let response = try answer(fields: ["Range: \(value)"]) { request, response in
            response.send(describe(request.ranges(ofByteCount: byteCount)))
        }
        #expect(response.text == expected)
    }

    @Test(arguments: [16, 17, 500])
    func `with more than sixteen ranges all is sent`(count: Int) throws {
        let ranges = (0..<count).map { "\($0 * 1_000)-\($0 * 1_000)" }.joined(separator: ",")
        let response = try answer(fields: ["Range: bytes=\(ranges)"]) { request, response in
            response.send(describe(request.ranges(ofByteCount: 1_000_000)))
        }
        let isWhole = response.text == "whole"
        #expect(isWhole == (count > 16), "\(response.text)")
    }

    @Test(arguments: ["HEAD", "POST", "PUT", "DELETE"])
    func `only GET has ranges`(method: String) throws {
        let response = try answer(method, fields: ["Range: bytes=20-"]) { request, response in
            response.status = request.ranges(ofByteCount: 10) == .whole ? .accepted : .ok
        }
        #expect(response.status == 202)
    }

    @Test func `two Range fields are as if there were none`() throws {
        let fields = ["Range: bytes=0-0", "Range: bytes=0-0"]
        let response = try answer(fields: fields) { request, response in
            response.send(describe(request.ranges(ofByteCount: 10)))
        }
        #expect(response.text == "whole")
    }
}
