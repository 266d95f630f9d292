internal import Arguments
internal import Sluice

/// What the executable says about itself, and how requests are called.
struct DiagnosticOptions: Sendable {
    var level = LogLevel.notice
    /// Where the error log goes; `nil`: to standard error.
    var errorLogFile: String?
    var errorLogFormat = ErrorLog.Format.text
    var requestIDFormat: RequestIDs.Format?
    var requestIDField: String?
    var requestIDSource: RequestIDs.Source?
    /// All messages are shown.
    var logsWire = false

    /// The error log.
    func errorLog(instanceID: String) throws(FileError) -> ErrorLog {
        try ErrorLog(
            to: errorLogFile.map { .file($0) } ?? .standardError, format: errorLogFormat,
            level: level, instanceID: instanceID)
    }

    /// How requests are called; `nil`: none of the options asks for it.
    func requestIDs() throws(InvalidField) -> RequestIDs? {
        guard requestIDFormat != nil || requestIDField != nil || requestIDSource != nil else {
            return nil
        }
        var ids = try RequestIDs(
            requestIDFormat ?? .uuid, fieldName: requestIDField ?? "X-Request-ID")
        if let requestIDSource { ids.takenFrom = requestIDSource }
        return ids
    }
}

extension ServeOptions {
    /// Some log goes to a file, which can be opened again.
    var hasLogFile: Bool { accessLog.hasFile || diagnostics.errorLogFile != nil }

    /// Opens the error log, and tells the server of it and of ids.
    mutating func applyDiagnostics() throws(UsageError) {
        do {
            server.errorLog = try diagnostics.errorLog(instanceID: server.instanceID)
        } catch {
            throw UsageError("--error-log: \(error)")
        }
        do {
            server.requestIDs = try diagnostics.requestIDs()
        } catch {
            throw UsageError("--request-id-field: \(error)")
        }
        server.logsWire = diagnostics.logsWire
    }
}
