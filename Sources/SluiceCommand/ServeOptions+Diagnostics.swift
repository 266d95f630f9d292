internal import Arguments
internal import Sluice

extension ServeOptions {
    static let identifying = OptionGroup<ServeOptions>(
        "Request identity",
        [
            Option(
                "--request-id", placeholder: "FORMAT",
                help: "give each request an id, in its answer and in logs: uuid, uuid-base32, "
                    + "uuid-base64 or ulid; and go on with W3C traces. [off]"
            ) { options, text throws(ValueError) in
                if text == "off" {
                    options.diagnostics.requestIDFormat = nil
                    return
                }
                guard let format = RequestIDs.Format(rawValue: String(text)) else {
                    throw ValueError(
                        "is no format of ids",
                        cure: "give uuid, uuid-base32, uuid-base64, ulid or off")
                }
                options.diagnostics.requestIDFormat = format
            },
            Option(
                "--request-id-field", placeholder: "NAME",
                help: "the field that carries it; implies --request-id uuid. [X-Request-ID]"
            ) { options, text throws(ValueError) in
                do {
                    _ = try RequestIDs(fieldName: String(text))
                } catch {
                    throw ValueError(
                        "is no field for ids", cure: "give a name of your own, such as X-Trace")
                }
                options.diagnostics.requestIDField = String(text)
            },
            Option(
                "--request-id-from", placeholder: "WHOM",
                help: "whose own ids are taken over: nobody, trusted-proxies or everybody; implies "
                    + "--request-id uuid. [trusted-proxies]"
            ) { options, text throws(ValueError) in
                guard let source = RequestIDs.Source(rawValue: String(text)) else {
                    throw ValueError(
                        "is nobody to believe", cure: "give nobody, trusted-proxies or everybody")
                }
                options.diagnostics.requestIDSource = source
            },
            Option(
                "--instance-id", placeholder: "TEXT",
                help: "what this process is called in logs and metrics. [no name]"
            ) { options, text throws(ValueError) in
                let isPlain = text.utf8.allSatisfy {
                    (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != 0x5C
                }
                guard isPlain, (1...64).contains(text.utf8.count) else {
                    throw ValueError(
                        "is no name", cure: "give 1 to 64 visible ASCII characters, such as web-1")
                }
                options.server.instanceID = String(text)
            },
        ])

    static let diagnosing = OptionGroup<ServeOptions>(
        "Error log",
        [
            Option(
                "--error-log", placeholder: "FILE",
                help: "where errors go; -: to standard error. [-]"
            ) { options, text throws(ValueError) in
                guard !text.isEmpty else {
                    throw ValueError("is empty", cure: "give a file, or - for standard error")
                }
                options.diagnostics.errorLogFile = text == "-" ? nil : String(text)
            },
            Option(
                "--error-log-format", placeholder: "FORMAT",
                help: "text, or json: one object a line. [text]"
            ) { options, text throws(ValueError) in
                guard let format = ErrorLog.Format(rawValue: String(text)) else {
                    throw ValueError("is no format", cure: "give text or json")
                }
                options.diagnostics.errorLogFormat = format
            },
            Option(
                "--log-level", placeholder: "LEVEL",
                help: "the least grave that is written: trace, debug, info, notice, warning, error "
                    + "or critical; SIGUSR2 changes to debug and back. [notice]"
            ) { options, text throws(ValueError) in
                guard let level = LogLevel(text) else {
                    throw ValueError(
                        "is no level",
                        cure: "give trace, debug, info, notice, warning, error or critical")
                }
                options.diagnostics.level = level
            },
            Option(
                "--log-wire",
                help:
                    "write all heads and the first 512 bytes of bodies there, credentials masked: "
                    + "for debugging only."
            ) { $0.diagnostics.logsWire = true },
        ])
}
