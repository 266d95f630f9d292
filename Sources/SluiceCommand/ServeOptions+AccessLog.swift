internal import Arguments
internal import Sluice

extension ServeOptions {
    static let accessLogging = OptionGroup<ServeOptions>(
        "Access log",
        [
            Option(
                "--access-log", placeholder: "FILE",
                help: "a line for each request goes here; -: standard output; off: nowhere. A file "
                    + "is opened again on SIGHUP and SIGUSR1. [off, or - with --log-format]"
            ) { options, text throws(ValueError) in
                guard !text.isEmpty else {
                    throw ValueError("is empty", cure: "give a file, - or off")
                }
                options.accessLog.isOff = text == "off"
                options.accessLog.destination =
                    text == "-" || text == "off" ? .standardOutput : .file(String(text))
            },
            Option(
                "--log-format", placeholder: "FORMAT",
                help: "plain, json, framework, common or combined, or verbs such as "
                    + "'%h \"%r\" %s %{ms}T'. [combined]"
            ) { options, text throws(ValueError) in
                options.accessLog.format = .ready(try format(text))
            },
            Option(
                "--log-fields", placeholder: "FILE",
                help: "JSON lines with the fields that this file describes: an array of "
                    + "[\"name\", \"TYPE\"] or [\"name\", \"TYPE\", \"argument\"]. [none]"
            ) { options, text throws(ValueError) in
                guard !text.isEmpty else {
                    throw ValueError("is empty", cure: "give a file")
                }
                options.accessLog.format = .fields(String(text))
            },
            Option(
                "--log-overflow", placeholder: "POLICY",
                help: "when lines come faster than they can be written: drop them and say so, or "
                    + "block the server until there is room. [drop]"
            ) { options, text throws(ValueError) in
                guard let overflow = AccessLog.Overflow(rawValue: String(text)) else {
                    throw ValueError("is no policy", cure: "give drop or block")
                }
                options.accessLog.overflow = overflow
            },
            Option(
                "--log-time", placeholder: "ZONE",
                help: "utc, or local for the time zone of the process. [utc]"
            ) { options, text throws(ValueError) in
                switch text {
                case "utc": options.accessLog.usesLocalTime = false
                case "local": options.accessLog.usesLocalTime = true
                default: throw ValueError("is no zone", cure: "give utc or local")
                }
            },
        ])

    private static func format(_ text: Substring) throws(ValueError) -> AccessLogFormat {
        do {
            return try AccessLogFormat.parse(String(text))
        } catch {
            throw ValueError(error.problem, cure: error.cure)
        }
    }
}
