import Containers
import Syscalls
import Testing

@testable import Sluice

@Suite struct TimeLayoutTests {
    /// 2006-01-02 15:04:05 UTC, a Monday.
    static let reference: Int64 = 1_136_214_245
    /// 2024-12-05 00:07:09 UTC, a Thursday, the 340th day.
    static let other: Int64 = 1_733_357_229

    @Test(arguments: [
        ("January|Jan|1|01", "December|Dec|12|12"), ("Monday|Mon", "Thursday|Thu"),
        ("2|_2|02", "5| 5|05"), ("__2|002", "340|340"), ("15|3|03", "00|12|12"),
        ("4|04|5|05", "7|07|9|09"), ("2006|06", "2024|24"), ("PM pm", "AM am"), ("MST", "UTC"),
        ("-0700 -07:00 -07 -070000 -07:00:00", "+0000 +00:00 +00 +000000 +00:00:00"),
        ("Z0700 Z07:00 Z07 Z070000 Z07:00:00", "Z Z Z Z Z"),
        ("_2006", "_2024"), ("Mondays", "Thursdays"), ("Jane 06", "Jane 24"),
        ("Monty 06", "Monty 24"), ("January2", "December5"),
        ("02/Jan/2006:15:04:05 Z0700", "05/Dec/2024:00:07:09 Z"),
        ("Mon Jan _2 15:04:05 2006", "Thu Dec  5 00:07:09 2024"),
        ("Mon, 02 Jan 2006 15:04:05 MST", "Thu, 05 Dec 2024 00:07:09 UTC"),
        ("3:04PM", "12:07AM"), ("2006-01-02T15:04:05Z07:00", "2024-12-05T00:07:09Z"),
        ("05.000", "09.050"), ("05,000000", "09,050060"), ("05.999", "09.05"),
        ("05.000000000000", "09.050060000000"), ("05.999999999", "09.05006"),
        ("05.0007", "09.0007"), (".00 15", ".05 00"), ("15.1", "00.12"), ("é2", "é5"),
        ("%Y-%m-%d %H:%M:%S", "2024-12-05 00:07:09"),
        ("%a %A %b %B %j", "Thu Thursday Dec December 340"),
        ("%e|%-d|%I %p|%y|%z|%Z|%%", " 5|5|12 AM|24|+0000|UTC|%"), ("%s", "1733357229"),
        ("<%s>", "<1733357229>"), ("%F %T", "2024-12-05 00:07:09"),
    ])
    func `a layout shows its parts`(layout: String, expected: String) throws {
        #expect(try text(layout, Self.other, nanoseconds: 50_060_000) == expected)
    }

    @Test func `a fraction that is nothing loses its point`() throws {
        #expect(try text("05.999", Self.other, nanoseconds: 0) == "09")
        #expect(try text("05.000", Self.other, nanoseconds: 0) == "09.000")
        #expect(try text("05.9", Self.other, nanoseconds: 99_999_999) == "09")
        #expect(try text("05.999999999", Self.other, nanoseconds: 1) == "09.000000001")
    }

    @Test func `the afternoon is PM`() throws {
        #expect(try text("3 03 PM", Self.reference) == "3 03 PM")
        #expect(try text("3PM", Self.reference - 3 * 3_600) == "12PM")
    }

    @Test func `seconds may come in any order`() throws {
        var time = TimeText(try TimeLayout("04:05.0"), isLocal: false)
        var output = ByteBuffer()
        for second in [Self.reference, Self.reference + 1, Self.reference, Self.reference] {
            time.append(seconds: second, nanoseconds: 900_000_000, to: &output)
            output.append(UInt8(ascii: " "))
        }
        #expect(
            String(decoding: Array(copying: output.span), as: UTF8.self)
                == "04:05.9 04:06.9 04:05.9 04:05.9 ")
    }

    @Test func `a layout that is too long or holds control characters is refused`() {
        #expect(throws: AccessLogFormatError.self) {
            _ = try TimeLayout(String(repeating: "2", count: 257))
        }
        #expect(throws: AccessLogFormatError.self) { _ = try TimeLayout("15\u{1}") }
    }

    @Test func `moments of the monotonic clock become times of day`() {
        let clock = LogClock(monotonic: .init(nanoseconds: 10), wallNanoseconds: 5)
        #expect(clock.time(at: .init(nanoseconds: 12)) == (0, 7))
        #expect(clock.time(at: .init(nanoseconds: 0)) == (-1, 999_999_995))
        #expect(LoggedExchange.clock.time(at: LoggedExchange.start).seconds == Self.reference)
    }

    private func text(
        _ layout: String, _ seconds: Int64, nanoseconds: Int = 0
    ) throws -> String {
        var time = TimeText(try TimeLayout(layout), isLocal: false)
        var output = ByteBuffer()
        time.append(seconds: seconds, nanoseconds: nanoseconds, to: &output)
        return String(decoding: Array(copying: output.span), as: UTF8.self)
    }
}
