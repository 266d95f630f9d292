internal import CLinux  // `time_t` belongs to whichever the compiler meets first.
internal import Glibc

/// A second as people write it, in UTC or in the time zone of the process (`TZ`, tzset(3)).
package struct CalendarTime: Equatable, Sendable {
    /// Such as 2026.
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int
    /// 0 to 23.
    package let hour: Int
    /// 0 to 59.
    package let minute: Int
    /// 0 to 60: a time zone may know leap seconds.
    package let second: Int
    /// 0 is Sunday.
    package let weekday: Int
    /// 1 to 366.
    package let yearDay: Int
    /// Seconds east of Greenwich.
    package let offset: Int
    /// What the zone is called at this time, such as `CET`; `UTC`.
    package let zone: String

    /// What it is at so many seconds since 1970. Reads the time zone's file when it is the first to
    /// ask for local time, so it has no place on a loop's thread.
    package init(seconds: Int64, isLocal: Bool) {
        // SAFETY: plain numbers; the zone's name, for which the structure counts as unsafe, is nil or
        // a 0-terminated text that the C library keeps.
        let time = unsafe Self.parts(seconds, isLocal: isLocal)
        year = unsafe Int(time.tm_year) + 1_900
        month = unsafe Int(time.tm_mon) + 1
        day = unsafe Int(time.tm_mday)
        hour = unsafe Int(time.tm_hour)
        minute = unsafe Int(time.tm_min)
        second = unsafe Int(time.tm_sec)
        weekday = unsafe Int(time.tm_wday)
        yearDay = unsafe Int(time.tm_yday) + 1
        offset = unsafe time.tm_gmtoff
        let name = unsafe time.tm_zone.map { unsafe String(cString: $0) }
        zone = isLocal ? name ?? "" : "UTC"
    }

    /// What strftime(3) makes of a layout, in the C locale.
    ///
    /// - Returns: Empty when that is more than 1,024 bytes.
    package static func format(
        _ layout: String, seconds: Int64, isLocal: Bool
    ) -> [UInt8] {
        var time = unsafe parts(seconds, isLocal: isLocal)
        let utc: StaticString = "UTC"
        if !isLocal {
            // SAFETY: a literal ends in 0 and lives as long as the program. gmtime_r(3) says GMT.
            let name = unsafe UnsafeRawPointer(utc.utf8Start)
            unsafe time.tm_zone = name.assumingMemoryBound(to: CChar.self)
        }
        return unsafe [UInt8](unsafeUninitializedCapacity: 1_024) { bytes, count in
            // SAFETY: strftime(3) writes at most as many bytes as we say, a final 0 among them.
            count = unsafe bytes.withMemoryRebound(to: CChar.self) {
                unsafe strftime($0.baseAddress!, $0.count, layout, &time)
            }
        }
    }

    @unsafe
    private static func parts(_ seconds: Int64, isLocal: Bool) -> tm {
        var seconds = time_t(seconds)
        var parts = unsafe tm()
        // SAFETY: both read one number and write one structure. A year that does not fit leaves it
        // as it was: the first day of 1900.
        if isLocal {
            _ = unsafe localtime_r(&seconds, &parts)
        } else {
            _ = unsafe gmtime_r(&seconds, &parts)
        }
        return unsafe parts
    }
}
