internal import Containers
internal import Syscalls

/// Writes times in one layout. Exchanges that lie in one second share all but its fraction, so that
/// the calendar is asked once a second.
struct TimeText {
    private let layout: TimeLayout
    private let isLocal: Bool
    /// The second that `parts` is for.
    private var second: Int64?
    /// Texts, with a fraction behind each but the last.
    private var parts: [[UInt8]] = []
    private let fractions: [TimeFraction]

    init(_ layout: TimeLayout, isLocal: Bool) {
        self.layout = layout
        self.isLocal = isLocal
        fractions = layout.pieces.compactMap { piece in
            if case .fraction(let fraction) = piece { fraction } else { nil }
        }
    }

    /// Appends the time so many seconds, and nanoseconds of a second, after 1970.
    mutating func append(seconds: Int64, nanoseconds: Int, to output: inout ByteBuffer) {
        if second != seconds {
            parts = rendered(seconds)
            second = seconds
        }
        for index in parts.indices {
            let part = parts[index]
            output.append(part.span)
            if index < fractions.count {
                Self.append(fractions[index], nanoseconds, to: &output)
            }
        }
    }

    private func rendered(_ seconds: Int64) -> [[UInt8]] {
        let time = CalendarTime(seconds: seconds, isLocal: isLocal)
        var parts: [[UInt8]] = [[]]
        for piece in layout.pieces {
            switch piece {
            case .text(let text): parts[parts.count - 1] += text.utf8
            case .element(let element): parts[parts.count - 1] += element.text(time).utf8
            case .fraction: parts.append([])
            case .strftime(let layout):
                parts[parts.count - 1] += CalendarTime.format(
                    layout, seconds: seconds, isLocal: isLocal)
            case .epochSeconds: parts[parts.count - 1] += String(seconds).utf8
            }
        }
        return parts
    }

    private static func append(
        _ fraction: TimeFraction, _ nanoseconds: Int, to output: inout ByteBuffer
    ) {
        // Digits that are shown; the last of them is the first that is not cut off.
        var count = min(fraction.digits, 9)
        var value = nanoseconds
        for _ in count..<9 { value /= 10 }
        if fraction.trimsZeros {
            while count > 0, value % 10 == 0 {
                value /= 10
                count -= 1
            }
            if count == 0 { return }
        }
        output.append(fraction.separator)
        var unit = 1
        for _ in 1..<max(count, 1) { unit *= 10 }
        while unit > 0 {
            output.append(UInt8(ascii: "0") + UInt8(value / unit % 10))
            unit /= 10
        }
        if !fraction.trimsZeros {
            for _ in count..<fraction.digits { output.append(UInt8(ascii: "0")) }
        }
    }
}
