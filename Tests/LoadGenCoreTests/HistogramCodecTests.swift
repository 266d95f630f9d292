import Containers
import Testing

@testable import LoadGenCore

@Suite struct HistogramCodecTests {
    /// Written by an early version of HdrHistogram's C library from its standard test data:
    /// 10,000 times 1,000 and once 100,000,000. Its payload length counts the header in.
    static let standardVector =
        "HISTFAAAACl4nJNpmSzMwMBgyAABzFCaEURcm7yEwf4DROA8/4I5jNM7mJgAlWkH9g=="
    /// Written by another library from 100, 200 and 250 in a layout of 1 to 300.
    static let smallVector = "HISTFAAAACV4nJNpmSzMwMDAwQABzFCaEUrp2H+AsI4zMh1lZEpkAgBdIQSk"
    /// The C and Java libraries agree on this one: 2,048 in a layout of 1 to 2,048.
    static let boundaryVector = "HISTFAAAACB4nJNpmSzMwMDAzAABMJoRQnEw2H+AsP7LMwEARZgDpQ=="

    @Test func `decodes the standard vector of HdrHistogram`() throws {
        let histogram = try HistogramCodec.decodeCompressedText(Self.standardVector)
        histogram.checkInvariants()
        #expect(histogram.layout.highestTrackableValue == 3_600_000_000)
        #expect(histogram.layout.significantDigits == 3)
        #expect(histogram.count == 10_001)
        #expect(histogram.value(atPercentile: 50) == 1_000)
        #expect(histogram.value(atPercentile: 99.99) == 1_000)
        #expect(histogram.value(atPercentile: 99.999) == 100_007_935)
        #expect(histogram.minimum == 1_000)
    }

    @Test func `encodes byte for byte what other libraries wrote`() throws {
        var standard = Histogram(
            layout: try #require(HistogramLayout(highest: 3_600_000_000, significantDigits: 3)))
        for _ in 0..<10_000 { standard.record(1_000) }
        standard.record(100_000_000)
        let vector = try HistogramCodec.decodeCompressedText(Self.standardVector)
        #expect(vector.counters == standard.counters)

        var small = Histogram(
            layout: try #require(HistogramLayout(highest: 300, significantDigits: 3)))
        for value in [100, 200, 250] { small.record(value) }
        #expect(HistogramCodec.encodeCompressedText(small) == Self.smallVector)

        var boundary = Histogram(
            layout: try #require(HistogramLayout(highest: 2_048, significantDigits: 3)))
        boundary.record(2_048)
        #expect(HistogramCodec.encodeCompressedText(boundary) == Self.boundaryVector)
    }

    @Test(arguments: [0, 1, 2, 1_000, 20_000])
    func `round-trips any counters`(count: Int) throws {
        var histogram = Histogram()
        var state: UInt64 = 3
        for _ in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            histogram.record(Int(state >> 40))
        }
        let decoded = try HistogramCodec.decodeCompressedText(
            HistogramCodec.encodeCompressedText(histogram))
        #expect(decoded.counters == histogram.counters)
        #expect(decoded.count == histogram.count)
        #expect(decoded.layout == histogram.layout)
    }

    @Test func `round-trips counters of up to nine encoded bytes`() throws {
        let counters = (0..<62).map { UInt64(1) << UInt64($0) }
        let histogram = Histogram(layout: .interval, counters: counters)
        #expect(try HistogramCodec.decode(HistogramCodec.encode(histogram)) == histogram)
    }

    @Test func `gives an error for every truncation and never traps`() {
        let whole = HistogramCodec.encode(Histogram(layout: .interval, counters: [1, 0, 0, 900]))
        for count in 0..<whole.count {
            #expect(throws: HistogramDecodingError.truncated) {
                try HistogramCodec.decode(Array(whole.prefix(count)))
            }
        }
    }

    @Test(arguments: [
        ("HIST", HistogramDecodingError.truncated), ("HIS", .notBase64), ("H*ST", .notBase64),
        ("AAAAAAAAAAA=", .wrongCookie(0)), ("HISTFAAAAAQAAAAA", .damagedStream),
        ("HISTFAAAAAk=", .truncated),
    ])
    func `names what is wrong with a text`(text: String, error: HistogramDecodingError) {
        #expect(throws: error) { try HistogramCodec.decodeCompressedText(text) }
    }

    @Test func `refuses more counters than the layout has and impossible layouts`() throws {
        var bytes = HistogramCodec.encode(Histogram(layout: .interval, counters: [1]))
        bytes[7] = 3
        let manyZeros = bytes.prefix(40) + [0xFF, 0xFF, 0x01]
        #expect(throws: HistogramDecodingError.impossibleCounters) {
            try HistogramCodec.decode(Array(manyZeros))
        }
        bytes[15] = 9
        #expect(throws: HistogramDecodingError.impossibleLayout) {
            try HistogramCodec.decode(bytes)
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `knows the base64 vectors of RFC 4648`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["Zg=", "Z", "Zg==Zg==", "====", "Zm9v\n"])
    func `refuses text that is not base64`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

@Suite struct HistogramTextTests {
    @Test func `writes a log that HdrHistogram's tools open`() throws {
        var histogram = Histogram()
        histogram.record(1_500)
        var log = HistogramLog(startSeconds: 1_441_812_279.474, comment: "loadgen\nrun")
        log.append(start: 0, length: 1, histogram: histogram)
        log.append(tag: "service", start: 1, length: 0.5, histogram: histogram)
        let lines = log.text.split(separator: "\n")
        #expect(
            lines.prefix(4) == [
                "#[loadgen run]",
                "#[Histogram log format version 1.3]",
                "#[StartTime: 1441812279.474 (seconds since epoch), Wed, 09 Sep 2015 15:24:39 UTC]",
                "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"",
            ])
        #expect(lines[4].hasPrefix("0.000,1.000,1.500,HISTFAAAA"))
        #expect(lines[5].hasPrefix("Tag=service,1.000,0.500,1.500,HISTFAAAA"))
        let encoded = try #require(lines[4].split(separator: ",").last)
        #expect(try HistogramCodec.decodeCompressedText(encoded).counters == histogram.counters)
    }

    @Test func `writes percentiles as HdrHistogram prints them`() throws {
        var histogram = Histogram(
            layout: try #require(HistogramLayout(highest: 3_600_000_000, significantDigits: 3)))
        for value in 1...4 { histogram.record(value * 1_000) }
        let lines = PercentileText.render(histogram).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "       Value     Percentile TotalCount 1/(1-Percentile)")
        #expect(lines[2] == "       1.000 0.000000000000          1           1.00")
        #expect(lines[3] == "       1.000 0.100000000000          1           1.11")
        #expect(lines.contains("       4.000 1.000000000000          4"))
        #expect(lines.contains("#[Max     =        4.000, Total count    =            4]"))
        #expect(lines.contains("#[Buckets =           22, SubBuckets     =         2048]"))
        let largest = lines.filter { $0.hasPrefix("       4.0") }
        #expect(largest.count == 2)
    }

    @Test func `an empty histogram has a footer and no lines`() {
        #expect(PercentileText.steps(of: Histogram()).isEmpty)
    }
}
