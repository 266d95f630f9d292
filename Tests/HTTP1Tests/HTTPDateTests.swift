import Testing

@testable import HTTP1

@Suite struct HTTPDateTests {
    private func written(_ time: Int64) -> String {
        var bytes = [29 of UInt8](repeating: 0)
        HTTPDate.write(secondsSince1970: time, into: &bytes)
        return text(bytes.span)
    }

    private func parsed(_ date: String, now: Int64 = 1_767_225_600) -> Int64? {
        let bytes = Array(date.utf8)
        var input = GuardPage(capacity: bytes.count)
        input.place(bytes)
        return HTTPDate.parse(input.span, now: now)
    }

    static let known: [(time: Int64, date: String)] = [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_078_012_800, "Sun, 29 Feb 2004 00:00:00 GMT"),
        (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (-2_203_891_200, "Thu, 01 Mar 1900 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
        (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 GMT"),
    ]

    @Test(arguments: known)
    func `known dates are written and read`(_ time: Int64, _ date: String) {
        #expect(written(time) == date)
        #expect(parsed(date) == time)
    }

    @Test func `every day of 400 years is written as the one after the day before, and read again`()
    {
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        var (year, month, day, weekday) = (1900, 1, 1, 1)
        var time: Int64 = -2_208_988_800
        while year < 2300 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            var bytes = [29 of UInt8](repeating: 0)
            HTTPDate.write(secondsSince1970: time, into: &bytes)
            let isSame =
                bytes[5] == UInt8(48 + day / 10) && bytes[6] == UInt8(48 + day % 10)
                && bytes[15] == UInt8(48 + year % 10) && bytes[14] == UInt8(48 + year / 10 % 10)
                && bytes[0] == Array(names[weekday].utf8)[0]
                && bytes[1] == Array(names[weekday].utf8)[1]
                && HTTPDate.parse(bytes.span, now: 0) == time
            guard isSame else {
                Issue.record("\(year)-\(month)-\(day) became \(text(bytes.span))")
                return
            }
            time += 86_400
            weekday = (weekday + 1) % 7
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test(arguments: [
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 GMT",
    ])
    func `all three forms say the same`(_ date: String) {
        #expect(parsed(date) == 784_111_777)
    }

    @Test func `asctime with two digits of the day`() {
        #expect(parsed("Wed Nov 16 08:49:37 1994") == 784_975_777)
    }

    @Test(arguments: [
        ("Wednesday, 01-Jan-76 00:00:00 GMT", "Wed, 01 Jan 2076 00:00:00 GMT"),
        ("Thursday, 01-Jan-77 00:00:00 GMT", "Sat, 01 Jan 1977 00:00:00 GMT"),
        ("Saturday, 01-Jan-00 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"),
    ])
    func `two digits of a year are at most 50 years after now`(_ date: String, _ expected: String) {
        #expect(parsed(date) == parsed(expected))  // Now is the beginning of 2026.
    }

    @Test func `two digits of a year, at the end of a century`() {
        let now = parsed("Fri, 01 Jan 2088 00:00:00 GMT")!
        let date = "Friday, 01-Jan-20 00:00:00 GMT"
        #expect(parsed(date, now: now) == parsed("Mon, 01 Jan 2120 00:00:00 GMT"))
    }

    @Test func `a leap second is the first second of the next minute`() {
        #expect(
            parsed("Sat, 31 Dec 2016 23:59:60 GMT") == parsed("Sun, 01 Jan 2017 00:00:00 GMT"))
    }

    @Test(arguments: [
        "", "S", "Sun", "Sun,", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 00:60:00 GMT",
        "Sun, 06 Nov 1994 00:00:61 GMT", "Sun, 00 Nov 1994 00:00:00 GMT",
        "Sun, 31 Nov 1994 00:00:00 GMT", "Sun, 29 Feb 1900 00:00:00 GMT",
        "Sun, 30 Feb 2000 00:00:00 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994T08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov 06 08:49:37 94", "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday 06-Nov-94 08:49:37 GMT",
        "1994-11-06T08:49:37Z", "784111777", "Sun, 0\u{661} Nov 1994 08:49:37 GMT",
    ])
    func `is no date`(_ date: String) {
        #expect(parsed(date) == nil)
    }
}
