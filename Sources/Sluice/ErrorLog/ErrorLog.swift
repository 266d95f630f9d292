internal import Synchronization
internal import Syscalls

/// Where a server, and a program that likes to, says what goes wrong and why: lines with a time and
/// a level, as text or as JSON.
///
///     let log = try ErrorLog(to: .file("/var/log/app/error.log"), format: .json)
///     configuration.errorLog = log
///     log.write(.notice, "the cache is cold")
///
/// Every line is written at once, by one `write(2)` where the kernel takes it whole, on the thread
/// that has something to say; lines of several threads stay whole. Whoever can be made to log can
/// neither forge a line nor the fields before a message: control characters are escaped. What cannot
/// be written to a file goes to standard error.
public final class ErrorLog: Sendable {
    /// Where lines go.
    public enum Destination: Sendable {
        case standardError
        /// Appended to a file, which is made when it is not there.
        case file(String)
        /// Each line without its end, on any thread, one after the other.
        case closure(@Sendable (String) -> Void)
    }

    /// How lines look.
    public enum Format: String, Sendable, CaseIterable {
        /// `2026-11-21T19:20:00.123Z error request_id=…: GET /: out of tea`
        case text
        /// `{"level":"error","message":"GET /: out of tea","request_id":"…","time":"…"}`
        case json
    }

    private struct Place: ~Copyable {
        var file: FileDescriptor?
        /// The latest line could not be written to it.
        var isBroken = false

        borrowing func append(_ text: String) throws(Errno) {
            switch file {
            case .some(let file): try Output.write(text.utf8.span, to: file)
            case nil: preconditionFailure("it was opened at first")
            }
        }
    }

    private let destination: Destination
    private let format: Format
    private let instanceID: String
    private let place: Mutex<Place>
    private let levelValue: Atomic<UInt8>

    /// A log.
    ///
    /// - Parameters:
    ///   - to: Where lines go.
    ///   - format: How they look.
    ///   - level: The least grave that is written.
    ///   - instanceID: What this process is called in every line; empty: nothing.
    /// - Throws: `FileError` when the file cannot be opened.
    public init(
        to destination: Destination = .standardError, format: Format = .text,
        level: LogLevel = .info, instanceID: String = ""
    ) throws(FileError) {
        self.destination = destination
        self.format = format
        self.instanceID = instanceID
        levelValue = Atomic(level.rawValue)
        place = Mutex(Place(file: try Self.open(destination)))
    }

    /// The least grave level that is written. May be set at any time, on any thread.
    public var level: LogLevel {
        get { LogLevel(rawValue: levelValue.load(ordering: .relaxed)) ?? .info }
        set { levelValue.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Changes to `debug`, or from there back to a level, and says so, whatever the level.
    ///
    /// - Parameter usual: The level without debugging; that is `trace` where it is `debug` itself.
    package func toggleDebugging(from usual: LogLevel) {
        let other = usual == .debug ? LogLevel.trace : .debug
        level = level == other ? usual : other
        write(LogEntry(level: .notice, message: "the log level is \(level.name) now"))
    }

    /// Whether a line of this level would be written. One comparison.
    public func writes(_ level: LogLevel) -> Bool {
        level.rawValue >= levelValue.load(ordering: .relaxed)
    }

    /// Writes a line, if its level is written. Any thread; may wait for whoever reads it.
    ///
    /// - Parameters:
    ///   - message: May hold anything; of a long one, the first 2,000 characters. Made only when it
    ///     is needed.
    ///   - requestID: The request that it is about (`Request.id`).
    public func write(
        _ level: LogLevel, _ message: @autoclosure () -> String, requestID: String? = nil
    ) {
        guard writes(level) else { return }
        write(LogEntry(level: level, message: message(), requestID: requestID))
    }

    /// Opens the file anew, for who has renamed it. When that fails, what is open stays.
    ///
    /// - Throws: `FileError`.
    public func reopen() throws(FileError) {
        guard let file = try Self.open(destination) else { return }
        var parcel: FileDescriptor? = file
        place.withLock { $0.file = parcel.take() }
    }

    /// Writes an entry, whatever its level.
    func write(_ entry: LogEntry) {
        switch format {
        case .text: write(lines: entry.text(instanceID: instanceID))
        case .json: write(lines: entry.json(instanceID: instanceID))
        }
    }

    /// Writes the lines of one message that was seen on the wire, whatever the level.
    func write(wire lines: String) {
        switch format {
        case .text:
            write(lines: lines)
        case .json:
            let entry = LogEntry(level: .debug, message: lines)
            write(lines: entry.json(instanceID: instanceID, isBounded: false))
        }
    }

    /// Writes lines that are whole but for the last one's end, as they are.
    private func write(lines: String) {
        place.withLock { place in
            switch destination {
            case .standardError: StandardError.write(line: lines)
            case .closure(let write): write(lines)
            case .file(let path): Self.append(lines, path, &place)
            }
        }
    }

    private static func append(_ lines: String, _ path: String, _ place: inout Place) {
        do throws(Errno) {
            // A write that breaks off leaves a line without an end; the next one begins its own.
            try place.append((place.isBroken ? "\n" : "") + lines + "\n")
            place.isBroken = false
        } catch {
            if !place.isBroken {
                StandardError.write(
                    line: "error: the error log \(path.debugDescription) cannot be written, "
                        + "so its lines come here: \(error)")
            }
            place.isBroken = true
            StandardError.write(line: lines)
        }
    }

    private static func open(_ destination: Destination) throws(FileError) -> FileDescriptor? {
        guard case .file(let path) = destination else { return nil }
        do {
            return try FileDescriptor(appendingTo: path)
        } catch {
            throw FileError("file \(path.debugDescription) cannot be opened: \(error)")
        }
    }
}
