import Presentation
import Testing

@Suite struct FormatTests {
    @Test(arguments: [
        (0.0, 2, "0.00"), (1.005, 1, "1.0"), (9.996, 2, "10.00"), (-1.5, 1, "-1.5"),
        (-0.001, 1, "0.0"), (1234.5678, 3, "1234.568"), (7, 0, "7"),
    ])
    func `writes fixed decimals`(value: Double, places: Int, text: String) {
        #expect(Format.fixed(value, places) == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (812_338, "812,338"), (-12_345, "-12,345"),
    ])
    func `groups thousands`(value: Int, text: String) {
        #expect(Format.grouped(value) == text)
    }

    @Test(arguments: [
        (0.0, "0µs"), (320, "320µs"), (999.6, "1.00ms"), (9_120, "9.12ms"), (52_300, "52.3ms"),
        (412_000, "412ms"), (1_400_000, "1.40s"), (60_000_000, "60.0s"),
    ])
    func `gives durations the unit that suits them`(microseconds: Double, text: String) {
        #expect(Format.duration(microseconds: microseconds) == text)
    }

    @Test(arguments: [
        (0.0, "0%"), (1, "100%"), (0.5, "50.00%"), (0.000_01, "<0.01%"), (0.999_999, ">99.99%"),
        (0.9998, "99.98%"),
    ])
    func `never rounds a share to all or nothing`(share: Double, text: String) {
        #expect(Format.percent(share) == text)
    }

    @Test(arguments: [
        (950.0, "950"), (81_234, "81.2k"), (1_250_000, "1.25M"), (0.5, "0.5"), (999_999, "1.00M"),
    ])
    func `writes counts in five columns`(value: Double, text: String) {
        #expect(Format.compact(value) == text)
    }

    @Test(arguments: [
        (512.0, "512 B"), (14_889_779, "14.2 MiB"), (1_024, "1.00 KiB"), (1e15, "909 TiB"),
    ])
    func `writes bytes with binary units`(value: Double, text: String) {
        #expect(Format.bytes(value) == text)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 UTC"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 UTC"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 UTC"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 UTC"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 UTC"),
    ])
    func `knows the calendar`(seconds: Int, text: String) {
        #expect(Format.utcDate(secondsSince1970: seconds) == text)
    }
}
