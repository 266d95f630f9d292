internal import Sluice
internal import Syscalls

/// What `sluice serve` is told about its access log.
struct AccessLogOptions: Sendable {
    /// What a line looks like, as far as it is known before files are read.
    enum Format: Sendable {
        case ready(AccessLogFormat)
        /// The fields of JSON lines are in this file.
        case fields(String)
    }

    /// `nil`: not told; then there is a log only if it is told anything else.
    var destination: AccessLog.Destination?
    var isOff = false
    var format: Format?
    var overflow = AccessLog.Overflow.drop
    var usesLocalTime = false

    /// It goes to a file, which can be opened again.
    var hasFile: Bool {
        if case .file = destination { !isOff } else { false }
    }

    /// Why it cannot be opened, with the option that is at fault.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Bytes of a file of fields: far more than as many as there may be take.
    private static let maxFieldsByteCount = 1 << 20

    /// Opens the log; `nil` where there is none.
    func open() throws(Failure) -> AccessLog? {
        guard !isOff, destination != nil || format != nil else { return nil }
        let format = try resolvedFormat()
        do {
            return try AccessLog(
                format, to: destination ?? .standardOutput, overflow: overflow,
                usesLocalTime: usesLocalTime)
        } catch {
            throw Failure(description: "--access-log: \(error)")
        }
    }

    private func resolvedFormat() throws(Failure) -> AccessLogFormat {
        switch format {
        case .ready(let format): return format
        case nil: return .combined
        case .fields(let path):
            let bytes: [UInt8]
            do {
                bytes = try WholeFile.read(path, maximumByteCount: Self.maxFieldsByteCount)
            } catch {
                throw Failure(description: "--log-fields: '\(path)' cannot be read: \(error)")
            }
            do {
                return try AccessLogFormat(jsonFields: bytes)
            } catch {
                throw Failure(
                    description: "--log-fields: '\(path)' \(error.problem); \(error.cure)")
            }
        }
    }
}
