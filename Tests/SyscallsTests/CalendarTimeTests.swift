import Syscalls
import Testing

@Suite struct CalendarTimeTests {
    @Test func `UTC is spelt out to the second`() {
        let time = CalendarTime(seconds: 1_136_214_245, isLocal: false)
        #expect(
            [time.year, time.month, time.day, time.hour, time.minute, time.second]
                == [2006, 1, 2, 15, 4, 5])
        #expect(time.weekday == 1)
        #expect(time.yearDay == 2)
        #expect(time.offset == 0)
        #expect(time.zone == "UTC")
    }

    @Test func `leap days and moments before 1970 are as the calendar has them`() {
        let leap = CalendarTime(seconds: 951_868_799, isLocal: false)
        #expect([leap.year, leap.month, leap.day, leap.yearDay] == [2000, 2, 29, 60])
        let before = CalendarTime(seconds: -1, isLocal: false)
        #expect([before.year, before.month, before.day, before.second] == [1969, 12, 31, 59])
    }

    @Test func `local time is UTC moved by its offset`() {
        let seconds: Int64 = 1_136_214_245
        let local = CalendarTime(seconds: seconds, isLocal: true)
        let moved = CalendarTime(seconds: seconds + Int64(local.offset), isLocal: false)
        #expect(
            [local.year, local.month, local.day, local.hour, local.minute, local.second]
                == [moved.year, moved.month, moved.day, moved.hour, moved.minute, moved.second])
    }

    @Test func `a layout is formatted as strftime does`() {
        let text = CalendarTime.format("%d/%b/%Y:%T %z", seconds: 1_136_214_245, isLocal: false)
        #expect(String(decoding: text, as: UTF8.self) == "02/Jan/2006:15:04:05 +0000")
        let long = String(repeating: "%A", count: 512)
        #expect(CalendarTime.format(long, seconds: 0, isLocal: false).isEmpty)
    }
}
