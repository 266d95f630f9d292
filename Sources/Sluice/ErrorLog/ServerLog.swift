/// Where a server says what goes wrong: the error log that it was given, or the closure that hears
/// of errors only.
struct ServerLog: Sendable {
    private let errorLog: ErrorLog?
    private let closure: @Sendable (String) -> Void

    init(_ errorLog: ErrorLog?, _ closure: @escaping @Sendable (String) -> Void) {
        self.errorLog = errorLog
        self.closure = closure
    }

    /// Whether a line of this level goes anywhere.
    func writes(_ level: LogLevel) -> Bool {
        errorLog?.writes(level) ?? (level >= .error)
    }

    /// What shows all messages of one thread here.
    func makeWireLog() -> WireLog {
        WireLog { lines in
            guard let errorLog else {
                for line in lines.split(separator: "\n") { closure(String(line)) }
                return
            }
            errorLog.write(wire: lines)
        }
    }

    /// Says at the start, at a level that is always written, that all messages will be shown.
    func warnOfWireLog() {
        guard let errorLog else {
            closure("warning: \(WireLog.warning)")
            return
        }
        errorLog.write(LogEntry(level: .warning, message: WireLog.warning))
    }

    /// Writes a line.
    ///
    /// - Parameters:
    ///   - errorID: The name that the client has been told.
    ///   - requestID: The request that it is about.
    func write(
        _ level: LogLevel, _ message: @autoclosure () -> String, errorID: String? = nil,
        requestID: String? = nil
    ) {
        guard writes(level) else { return }
        if let errorLog {
            errorLog.write(
                LogEntry(
                    level: level, message: message(), errorID: errorID, requestID: requestID))
            return
        }
        var start = level.name
        if let errorID { start += " \(errorID)" }
        if let requestID { start += " request_id=\(requestID)" }
        closure(ErrorResponder.escaped("\(start): \(message())"))
    }
}
