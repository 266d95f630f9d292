import Arguments
import Testing

@Suite struct ValuesTests {
    @Test(arguments: [
        ("10", 10_000_000_000), ("10s", 10_000_000_000), ("500ms", 500_000_000),
        ("2m", 120_000_000_000), ("1h", 3_600_000_000_000), ("7us", 7_000), ("0", 0),
        ("0.5", 500_000_000), ("1.5m", 90_000_000_000), ("2777h", 9_997_200_000_000_000),
        ("0.000000001s", 1), ("7ns", 7), ("250µs", 250_000), ("0.1", 100_000_000),
    ])
    func `durations`(text: String, nanoseconds: UInt64) throws {
        #expect(try Values.duration(text[...]) == nanoseconds)
    }

    @Test(arguments: [
        "", "s", "-1", "+1", "1 s", "1S", "1d", "1e3", ".", "1.2.3", "0x10", "2778h", ".5", "5.",
        "99999999999999999999",
    ])
    func `what is no duration`(text: String) {
        #expect(throws: ValueError.self) { try Values.duration(text[...]) }
    }

    @Test(arguments: [
        ("0", 0), ("4096", 4_096), ("64k", 65_536), ("64K", 65_536), ("1m", 1_048_576),
        ("2g", 2_147_483_648), ("3b", 3), ("1kb", 1_024), ("1MiB", 1_048_576),
    ])
    func `sizes`(text: String, bytes: Int) throws {
        #expect(try Values.size(text[...], in: 0...Int.max) == bytes)
    }

    @Test(arguments: ["", "k", "-1", "1.5k", "1 k", "1t", "9223372036854775808", "8589934592g"])
    func `what is no size`(text: String) {
        #expect(throws: ValueError.self) { try Values.size(text[...], in: 0...Int.max) }
    }

    @Test func `sizes and numbers keep to their range`() throws {
        #expect(try Values.size("1k", in: 1_024...2_048) == 1_024)
        #expect(throws: ValueError.self) { try Values.size("1023", in: 1_024...2_048) }
        #expect(throws: ValueError.self) { try Values.size("2049", in: 1_024...2_048) }
        #expect(try Values.integer("7", in: 7...8) == 7)
        #expect(throws: ValueError.self) { try Values.integer("6", in: 7...8) }
        #expect(throws: ValueError.self) { try Values.integer("9", in: 7...8) }
    }

    @Test func `a duration may have to be more than nothing`() throws {
        #expect(try Values.positiveDuration("1ns") == 1)
        #expect(throws: ValueError.self) { try Values.positiveDuration("0") }
    }

    @Test func `digits may be grouped`() throws {
        #expect(try Values.integer("1_000_000", in: 0...Int.max) == 1_000_000)
    }

    @Test(arguments: [
        "", "_1", "1_", "_", "-1", "+1", "1.0", "x", "1x", "٣", "18446744073709551616",
    ])
    func `what is no whole number`(text: String) {
        #expect(throws: ValueError.self) { try Values.integer(text[...], in: 0...Int.max) }
    }
}
