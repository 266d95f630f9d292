package import Containers
internal import Presentation

/// HdrHistogram's log, version 1.3: one compressed histogram per interval, as text. Its log
/// processor and analyser open it, and logs of several machines can be read side by side.
package struct HistogramLog {
    /// The text so far.
    package private(set) var text: String

    /// Begins a log.
    ///
    /// - Parameters:
    ///   - startSeconds: When the run began, in seconds since 1970 (UTC).
    ///   - comment: One line about the run.
    package init(startSeconds: Double, comment: String) {
        text = "#[\(comment.map { $0.isNewline ? " " : String($0) }.joined())]\n"
        text += "#[Histogram log format version 1.3]\n"
        text += "#[StartTime: \(Format.fixed(startSeconds, 3)) (seconds since epoch), "
        text += Format.utcDate(secondsSince1970: Int(startSeconds)) + "]\n"
        text += "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
        text += "\"Interval_Compressed_Histogram\"\n"
    }

    /// Appends an interval.
    ///
    /// - Parameters:
    ///   - tag: Sets lines apart that belong to another series; no comma, space or line break.
    ///   - start: Seconds since the start of the log.
    ///   - length: Seconds.
    ///   - histogram: Microseconds; the printed maximum is in milliseconds.
    package mutating func append(
        tag: String? = nil, start: Double, length: Double, histogram: Histogram
    ) {
        if let tag {
            precondition(!tag.contains { $0 == "," || $0.isWhitespace })
            text += "Tag=\(tag),"
        }
        text += Format.fixed(start, 3) + "," + Format.fixed(length, 3) + ","
        text += Format.fixed(Double(histogram.maximum) / 1_000, 3) + ","
        text += HistogramCodec.encodeCompressedText(histogram) + "\n"
    }
}
