internal import Syscalls

/// A part of a time as layouts of Go's time package spell it: by how it looks in the reference time,
/// Mon Jan 2 15:04:05 MST 2006.
enum GoTimeElement: Equatable, Sendable {
    case longMonth, month, numericMonth, zeroMonth
    case longWeekday, weekday
    case day, underDay, zeroDay, underYearDay, zeroYearDay
    case hour, hour12, zeroHour12, minute, zeroMinute, second, zeroSecond
    case longYear, year
    case upperPM, lowerPM
    case zone
    /// Hours, perhaps minutes and seconds, perhaps with colons, and perhaps `Z` for UTC.
    case offset(OffsetForm, zForUTC: Bool)

    /// What is shown of an offset from UTC.
    enum OffsetForm: Equatable, Sendable {
        case hours, minutes, colonMinutes, seconds, colonSeconds
    }

    /// All spellings; one that begins as another does stands before it.
    static let spellings: [(String, GoTimeElement)] = [
        ("January", .longMonth), ("Jan", .month), ("Monday", .longWeekday), ("Mon", .weekday),
        ("MST", .zone),
        ("002", .zeroYearDay), ("01", .zeroMonth), ("02", .zeroDay), ("03", .zeroHour12),
        ("04", .zeroMinute), ("05", .zeroSecond), ("06", .year),
        ("15", .hour), ("1", .numericMonth), ("2006", .longYear), ("2", .day),
        ("__2", .underYearDay), ("_2", .underDay), ("3", .hour12), ("4", .minute), ("5", .second),
        ("PM", .upperPM), ("pm", .lowerPM),
        ("-07:00:00", .offset(.colonSeconds, zForUTC: false)),
        ("-070000", .offset(.seconds, zForUTC: false)),
        ("-07:00", .offset(.colonMinutes, zForUTC: false)),
        ("-0700", .offset(.minutes, zForUTC: false)),
        ("-07", .offset(.hours, zForUTC: false)),
        ("Z07:00:00", .offset(.colonSeconds, zForUTC: true)),
        ("Z070000", .offset(.seconds, zForUTC: true)),
        ("Z07:00", .offset(.colonMinutes, zForUTC: true)),
        ("Z0700", .offset(.minutes, zForUTC: true)),
        ("Z07", .offset(.hours, zForUTC: true)),
    ]

    /// It is text when letters follow.
    var endsBeforeLetters: Bool { self == .month || self == .weekday }

    /// What it is at a time.
    func text(_ time: CalendarTime) -> String {
        switch self {
        case .longMonth: Self.months[time.month - 1]
        case .month: String(Self.months[time.month - 1].prefix(3))
        case .numericMonth: String(time.month)
        case .zeroMonth: Self.padded(time.month, 2)
        case .longWeekday: Self.weekdays[time.weekday]
        case .weekday: String(Self.weekdays[time.weekday].prefix(3))
        case .day: String(time.day)
        case .underDay: Self.padded(time.day, 2, with: " ")
        case .zeroDay: Self.padded(time.day, 2)
        case .underYearDay: Self.padded(time.yearDay, 3, with: " ")
        case .zeroYearDay: Self.padded(time.yearDay, 3)
        case .hour: Self.padded(time.hour, 2)
        case .hour12: String((time.hour + 11) % 12 + 1)
        case .zeroHour12: Self.padded((time.hour + 11) % 12 + 1, 2)
        case .minute: String(time.minute)
        case .zeroMinute: Self.padded(time.minute, 2)
        case .second: String(time.second)
        case .zeroSecond: Self.padded(time.second, 2)
        case .longYear: Self.padded(time.year, 4)
        case .year: Self.padded(time.year % 100, 2)
        case .upperPM: time.hour < 12 ? "AM" : "PM"
        case .lowerPM: time.hour < 12 ? "am" : "pm"
        case .zone: Self.zone(time)
        case .offset(let form, let zForUTC):
            zForUTC && time.offset == 0 ? "Z" : Self.offset(time.offset, form)
        }
    }

    private static func zone(_ time: CalendarTime) -> String {
        guard time.zone.isEmpty else { return time.zone }
        return offset(time.offset, time.offset % 3_600 == 0 ? .hours : .minutes)
    }

    private static func offset(_ seconds: Int, _ form: OffsetForm) -> String {
        let absolute = abs(seconds)
        let hours = (seconds < 0 ? "-" : "+") + padded(absolute / 3_600, 2)
        let minutes = padded(absolute / 60 % 60, 2)
        let rest = padded(absolute % 60, 2)
        return switch form {
        case .hours: hours
        case .minutes: hours + minutes
        case .colonMinutes: "\(hours):\(minutes)"
        case .seconds: hours + minutes + rest
        case .colonSeconds: "\(hours):\(minutes):\(rest)"
        }
    }

    private static func padded(_ value: Int, _ width: Int, with filler: Character = "0") -> String {
        let digits = String(value)
        return String(repeating: filler, count: max(0, width - digits.count)) + digits
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
}
