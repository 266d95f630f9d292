/// Dates as HTTP writes them (RFC 9110 §5.6.7), by arithmetic alone: no locale, no time zone, no
/// call of the C library. Times are seconds since 1970-01-01 00:00:00 UTC, without leap seconds.
package enum HTTPDate {
    /// The times that four digits of a year can say: all of the years 0 to 9999.
    package static var range: ClosedRange<Int64> { -62_167_219_200...253_402_300_799 }

    /// Writes `time` as an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`, all of it ASCII.
    /// Precondition: `time` is in `range`.
    package static func write(
        secondsSince1970 time: Int64, into text: inout [29 of UInt8]
    ) {
        precondition(range.contains(time))
        let date = CalendarDate(secondsSince1970: time)
        put(name(date.weekday, of: weekdays), at: 0, in: &text)
        put(", ", at: 3, in: &text)
        putDigits(date.day, count: 2, at: 5, in: &text)
        put(" ", at: 7, in: &text)
        put(name(date.month - 1, of: months), at: 8, in: &text)
        put(" ", at: 11, in: &text)
        putDigits(date.year, count: 4, at: 12, in: &text)
        put(" ", at: 16, in: &text)
        putDigits(date.hour, count: 2, at: 17, in: &text)
        put(":", at: 19, in: &text)
        putDigits(date.minute, count: 2, at: 20, in: &text)
        put(":", at: 22, in: &text)
        putDigits(date.second, count: 2, at: 23, in: &text)
        put(" GMT", at: 25, in: &text)
    }

    /// The time that `text` says in one of the three forms that a recipient must accept:
    /// IMF-fixdate, RFC 850 and asctime. Nil for anything else, such as a day that its month does
    /// not have; whether the name of the day is right is not checked.
    ///
    /// RFC 850 dates have two digits of the year; such a date that seems to be more than 50 years
    /// after `now` is one of the century before. The other forms do not need `now`.
    package static func parse(_ text: Span<UInt8>, now: Int64) -> Int64? {
        var parser = DateParser(text)
        guard let date = parser.parse(now: now) else { return nil }
        return date.secondsSince1970
    }

    fileprivate static var weekdays: StaticString { "SunMonTueWedThuFriSat" }
    fileprivate static var months: StaticString { "JanFebMarAprMayJunJulAugSepOctNovDec" }

    /// The three letters at `index` of a list of names.
    @_lifetime(immortal)
    fileprivate static func name(_ index: Int, of names: StaticString) -> Span<UInt8> {
        names.span.extracting(3 * index..<3 * index + 3)
    }

    private static func put(_ bytes: Span<UInt8>, at offset: Int, in text: inout [29 of UInt8]) {
        for index in 0..<bytes.count { text[offset + index] = bytes[index] }
    }

    private static func put(
        _ literal: StaticString, at offset: Int, in text: inout [29 of UInt8]
    ) {
        put(literal.span, at: offset, in: &text)
    }

    private static func putDigits(
        _ value: Int, count: Int, at offset: Int, in text: inout [29 of UInt8]
    ) {
        var rest = value
        for index in stride(from: offset + count - 1, through: offset, by: -1) {
            text[index] = .ascii("0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}

/// A moment in the proleptic Gregorian calendar.
package struct CalendarDate {
    package fileprivate(set) var year = 0
    /// 1 to 12
    package fileprivate(set) var month = 1
    /// 1 to 31
    package fileprivate(set) var day = 1
    package fileprivate(set) var hour = 0
    package fileprivate(set) var minute = 0
    /// 0 to 60: a leap second is the first second of the next minute.
    package fileprivate(set) var second = 0

    fileprivate init() {}

    /// Days are counted in years that begin on 1 March, so that the leap day is the last of its
    /// year, and in eras of 400 years, which all have 146,097 days (Howard Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms").
    package init(secondsSince1970 time: Int64) {
        let (days, secondOfDay) = Int(time).flooredDivision(by: 86_400)
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = 400 * era + yearOfEra + (month <= 2 ? 1 : 0)
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
    }

    fileprivate var daysSince1970: Int {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = 365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return 146_097 * era + dayOfEra - 719_468
    }

    fileprivate var secondsSince1970: Int64 {
        Int64(86_400 * daysSince1970 + 3600 * hour + 60 * minute + second)
    }

    /// 0 is Sunday; 1970 began on a Thursday.
    package var weekday: Int { (daysSince1970 + 4).flooredDivision(by: 7).remainder }

    fileprivate var isValid: Bool {
        let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let dayCount: Int
        switch month {
        case 2: dayCount = isLeapYear ? 29 : 28
        case 4, 6, 9, 11: dayCount = 30
        default: dayCount = 31
        }
        return (1...dayCount).contains(day) && hour < 24 && minute < 60 && second <= 60
    }
}

extension Int {
    /// Division that rounds down, so that the remainder is never negative.
    fileprivate func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Reads a date from left to right. Each `take` consumes what it is looking for or returns nil.
private struct DateParser: ~Escapable {
    private let text: Span<UInt8>
    private var offset = 0

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) {
        self.text = text
    }

    @_lifetime(self: copy self)
    mutating func parse(now: Int64) -> CalendarDate? {
        let date: CalendarDate?
        if text.count > 3 && text[3] == .ascii(",") {
            date = parseFixedDate()
        } else if text.count > 3 && text[3] == .space {
            date = parseAsctime()
        } else {
            date = parseRFC850(now: now)
        }
        guard let date, offset == text.count, date.isValid else { return nil }
        return date
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    @_lifetime(self: copy self)
    private mutating func parseFixedDate() -> CalendarDate? {
        var date = CalendarDate()
        guard takeName(of: HTTPDate.weekdays) != nil, take(", "),
            let day = takeDigits(2), take(" "), let month = takeName(of: HTTPDate.months),
            take(" "),
            let year = takeDigits(4), take(" "), takeTime(into: &date), take(" GMT")
        else { return nil }
        date.year = year
        date.month = month + 1
        date.day = day
        return date
    }

    /// `Sun Nov  6 08:49:37 1994`
    @_lifetime(self: copy self)
    private mutating func parseAsctime() -> CalendarDate? {
        var date = CalendarDate()
        guard takeName(of: HTTPDate.weekdays) != nil, take(" "),
            let month = takeName(of: HTTPDate.months), take(" "),
            let day = take(" ") ? takeDigits(1) : takeDigits(2), take(" "),
            takeTime(into: &date), take(" "), let year = takeDigits(4)
        else { return nil }
        date.year = year
        date.month = month + 1
        date.day = day
        return date
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    @_lifetime(self: copy self)
    private mutating func parseRFC850(now: Int64) -> CalendarDate? {
        var date = CalendarDate()
        guard takeLongWeekday(), take(", "), let day = takeDigits(2), take("-"),
            let month = takeName(of: HTTPDate.months), take("-"), let year = takeDigits(2),
            take(" "), takeTime(into: &date), take(" GMT")
        else { return nil }
        let thisYear = CalendarDate(secondsSince1970: now).year
        date.month = month + 1
        date.day = day
        date.year = thisYear - thisYear % 100 + year
        // The last year with these digits that is not more than 50 years away.
        if date.year > thisYear + 50 { date.year -= 100 }
        if date.year <= thisYear - 50 { date.year += 100 }
        return date
    }

    @_lifetime(self: copy self)
    private mutating func takeTime(into date: inout CalendarDate) -> Bool {
        guard let hour = takeDigits(2), take(":"), let minute = takeDigits(2), take(":"),
            let second = takeDigits(2)
        else { return false }
        date.hour = hour
        date.minute = minute
        date.second = second
        return true
    }

    @_lifetime(self: copy self)
    private mutating func takeLongWeekday() -> Bool {
        take("Sunday") || take("Monday") || take("Tuesday") || take("Wednesday")
            || take("Thursday") || take("Friday") || take("Saturday")
    }

    /// The index of the name of three letters that stands here, in a list of such names.
    @_lifetime(self: copy self)
    private mutating func takeName(of names: StaticString) -> Int? {
        for index in 0..<names.utf8CodeUnitCount / 3 where take(HTTPDate.name(index, of: names)) {
            return index
        }
        return nil
    }

    @_lifetime(self: copy self)
    private mutating func takeDigits(_ count: Int) -> Int? {
        guard offset + count <= text.count else { return nil }
        var value = 0
        for index in offset..<offset + count {
            guard text[index].isDigit else { return nil }
            value = 10 * value + Int(text[index] - .ascii("0"))
        }
        offset += count
        return value
    }

    @_lifetime(self: copy self)
    private mutating func take(_ literal: StaticString) -> Bool { take(literal.span) }

    @_lifetime(self: copy self)
    private mutating func take(_ bytes: Span<UInt8>) -> Bool {
        guard offset + bytes.count <= text.count else { return false }
        for index in 0..<bytes.count where text[offset + index] != bytes[index] { return false }
        offset += bytes.count
        return true
    }
}
