/// What a line of the access log looks like.
///
///     try AccessLogFormat.parse("combined")
///     try AccessLogFormat.parse(#"%h "%r" %s %{ms}T %{Referer}i"#)
///
/// The verbs are those of Granitic, which are nearly Apache's; docs/OBSERVABILITY.md lists them.
/// Whatever a client has sent is escaped, so that nobody can forge a line or a field.
public struct AccessLogFormat: Sendable {
    /// How values stand in a line.
    enum Style: Sendable {
        /// Between the literals of the format; what is not there is `-`.
        case text
        /// As the right side of `key=`: in quotes where it would not be one word.
        case pairs
        /// As the right side of `"key":`.
        case json
    }

    /// A part of a line.
    enum Piece: Equatable, Sendable, BitwiseCopyable {
        /// So many bytes of `literals`.
        case literal(start: Int32, count: Int32)
        case value(AccessLogValue)
    }

    let style: Style
    let pieces: [Piece]
    /// The bytes of all literals.
    let literals: [UInt8]
    let layouts: [TimeLayout]
    /// What `AccessLogValue.text` shows.
    let texts: [String]
    /// What must be kept of each exchange.
    let plan: CapturePlan

    init(_ builder: AccessLogFormatBuilder) {
        style = builder.style
        pieces = builder.pieces
        literals = builder.literals
        layouts = builder.layouts
        texts = builder.texts
        plan = builder.plan
    }

    /// Bytes of a format; more would make lines that nobody reads.
    static let maxByteCount = 4_096

    /// The names of all presets.
    public static let presetNames = ["plain", "json", "framework", "common", "combined"]

    /// A preset by its name, or a format by its verbs.
    ///
    /// - Throws: What is wrong: no preset and no verb, a verb that there is not, a time layout that
    ///   shows no time.
    public static func parse(_ text: String) throws(AccessLogFormatError) -> AccessLogFormat {
        switch text {
        case "plain": plain
        case "json": json
        case "framework": framework
        case "common": common
        case "combined": combined
        default: AccessLogFormat(try AccessLogFormatBuilder(verbs: text))
        }
    }

    /// A JSON object a line, of members as a JSON array describes them: `[name, type]` or
    /// `[name, type, argument]`. Names are sorted; numbers are numbers.
    ///
    /// - Throws: What is wrong: no such array, a type that there is not, an argument that is missing
    ///   or too much, a name that comes twice.
    public init(jsonFields bytes: [UInt8]) throws(AccessLogFormatError) {
        self.init(try AccessLogFormatBuilder(jsonFields: bytes))
    }
}

// MARK: - Presets

extension AccessLogFormat {
    /// `%h %l %u %t "%r" %s %b`: the Common Log Format.
    public static let common = preset(commonText)

    /// The same with `Referer` and `User-Agent`, which most tools understand.
    public static let combined = preset(commonText + #" "%{Referer}i" "%{User-agent}i""#)

    /// Granitic's own.
    public static let framework = preset(
        #"%h XFF[%{X-Forwarded-For}i] %l %u [%{02/Jan/2006:15:04:05 Z0700}t] "#
            + #""%m %U%q" %s %bB %{us}Tμs"#)

    /// `key=value` pairs, with everything that there is to say.
    public static let plain = AccessLogFormat(
        AccessLogFormatBuilder(pairs: pairs(latencyName: "duration_ms")))

    /// The same as a JSON object.
    public static let json = AccessLogFormat(
        AccessLogFormatBuilder(members: pairs(latencyName: "latency_ms")))

    private static let commonText = #"%h %l %u %t "%r" %s %b"#

    private static func preset(_ text: String) -> AccessLogFormat {
        do {
            return AccessLogFormat(try AccessLogFormatBuilder(verbs: text))
        } catch {
            preconditionFailure("a preset of ours: \(error)")
        }
    }

    /// What the two long presets show, in the order of the plain one.
    private static func pairs(latencyName: String) -> [(String, String, String?)] {
        [
            ("time", "RECEIVED", "2006-01-02T15:04:05.000Z07:00"),
            ("client", "REMOTE", nil), ("method", "HTTP_METHOD", nil), ("path", "RAW_PATH", nil),
            ("status", "STATUS", nil), ("engine", "ENGINE", nil),
            ("connection_id", "CONNECTION_ID", nil), ("request_id", "REQUEST_NUMBER", nil),
            ("bytes_in", "BYTES_IN", nil), ("bytes_out", "TOTAL_BYTES_OUT", nil),
            (latencyName, "PROCESS_TIME", "EXACT"), ("connection_reused", "REUSED", nil),
            ("route_key", "ROUTE", nil), ("trace_id", "CORRELATION_ID", nil),
            ("shutdown_phase", "PHASE", nil), ("drain_elapsed_ms", "DRAIN_TIME", nil),
            ("ttfb_ms", "TTFB", "EXACT"), ("reason", "REASON", nil), ("user", "USER", nil),
            ("referer", "REQ_HEADER", "Referer"), ("user_agent", "REQ_HEADER", "User-Agent"),
            ("instance_id", "INSTANCE_ID", nil), ("x_request_id", "REQUEST_ID", nil),
        ]
    }
}
