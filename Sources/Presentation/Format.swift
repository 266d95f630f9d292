/// Numbers for people: fixed widths, units that keep three digits, no locale.
package enum Format {
    /// A decimal number with `places` digits after the point. Beyond 15 significant digits, and
    /// for what is not finite, Swift's own description.
    package static func fixed(_ value: Double, _ places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard value.isFinite, scaled < 1e18 else { return "\(value)" }
        let digits = String(UInt64(scaled))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    /// A whole number with commas: 812,338.
    package static func grouped(_ value: some BinaryInteger) -> String {
        var text = ""
        for (position, digit) in String(value.magnitude).reversed().enumerated() {
            if position > 0, position.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }

    /// A number with commas, whole from 100 up and with a decimal below.
    package static func rate(_ value: Double) -> String {
        guard value.isFinite, value < 1e18 else { return "\(value)" }
        return value >= 99.95 || value == 0
            ? grouped(UInt64(max(0, value).rounded())) : fixed(value, 1)
    }

    /// A number in at most five columns: 950, 81.2k, 1.25M.
    package static func compact(_ value: Double) -> String {
        switch value {
        case ..<999.5: value < 9.995 && value != value.rounded() ? fixed(value, 1) : fixed(value, 0)
        case ..<999_500: threeDigits(value / 1_000) + "k"
        case ..<999_500_000: threeDigits(value / 1_000_000) + "M"
        default: threeDigits(value / 1_000_000_000) + "G"
        }
    }

    /// A duration given in microseconds, in the unit that suits it: 320µs, 9.12ms, 1.40s, 75.0s.
    package static func duration(microseconds: Double) -> String {
        switch microseconds {
        case ..<999.5: fixed(microseconds, 0) + "µs"
        case ..<999_500: threeDigits(microseconds / 1_000) + "ms"
        default: threeDigits(microseconds / 1_000_000) + "s"
        }
    }

    /// A duration given in microseconds.
    package static func duration(microseconds: Int) -> String {
        duration(microseconds: Double(microseconds))
    }

    /// A length of time as a person says it: 10.0 s, 2 m 05 s, 1 h 02 m.
    package static func span(nanoseconds: UInt64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        guard seconds >= 99.95 else { return fixed(seconds, 1) + " s" }
        let whole = Int(seconds.rounded())
        func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
        return whole < 3_600
            ? "\(whole / 60) m \(two(whole % 60)) s"
            : "\(whole / 3_600) h \(two(whole / 60 % 60)) m"
    }

    /// A number of bytes with a binary unit: 512 B, 14.2 MiB.
    package static func bytes(_ count: Double) -> String {
        var value = count
        for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if value < 999.5 || unit == "TiB" {
                return (unit == "B" ? fixed(value, 0) : threeDigits(value)) + " " + unit
            }
            value /= 1_024
        }
        return "\(count) B"
    }

    /// A share as a percentage that never rounds what is not all to 100 %, nor what is not
    /// nothing to 0 %.
    package static func percent(_ share: Double) -> String {
        if share == 0 { return "0%" }
        if share == 1 { return "100%" }
        if share < 0.000_1 { return "<0.01%" }
        if share > 0.999_9, share < 1 { return ">99.99%" }
        return fixed(share * 100, 2) + "%"
    }

    /// A date as HTTP and logs write it: `Wed, 09 Sep 2015 15:24:39 UTC`.
    package static func utcDate(secondsSince1970 seconds: Int) -> String {
        let date = CivilDate(secondsSince1970: seconds)
        func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        return "\(weekdays[date.weekday]), \(two(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(two(date.hour)):\(two(date.minute)):\(two(date.second)) UTC"
    }

    /// A number of at least three significant digits: 9.12, 41.0, 412.
    private static func threeDigits(_ value: Double) -> String {
        fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
    }
}

/// A second of the Gregorian calendar, in UTC.
struct CivilDate: Equatable {
    var year, month, day, hour, minute, second: Int
    /// 0 is Sunday.
    var weekday: Int

    /// Counts in years that begin in March, so that the leap day is the last of its year.
    init(secondsSince1970 seconds: Int) {
        let day = Int((Double(seconds) / 86_400).rounded(.down))
        let time = seconds - day * 86_400
        (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60)
        weekday = ((day + 4) % 7 + 7) % 7

        // 400 years are 146,097 days; 719,468 of them lie between 1 March 0000 and 1970.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}

extension StringProtocol {
    /// The text with blanks in front, so that it is at least `width` characters wide.
    package func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - count)) + self
    }

    /// The text with blanks behind, so that it is at least `width` characters wide.
    package func rightPadded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
