internal import HTTPEngine
internal import Synchronization
internal import Syscalls

/// A log with a line for each request, those that were refused and those that were none included.
///
///     var configuration = ServerConfiguration()
///     configuration.accessLog = try AccessLog(.combined, to: .file("access.log"))
///
/// Lines are formatted and written by a thread of their own: the threads that serve copy what is
/// needed into a ring and go on. What that costs a request does not depend on the disk, unless the
/// log is told to `block` when the ring is full.
public final class AccessLog: Sendable {
    /// Where lines go.
    public enum Destination: Sendable, Equatable, CustomStringConvertible {
        case standardOutput
        /// The file of this path, which is appended to, and made if there is none: for its user to
        /// write and its group to read.
        case file(String)

        /// `standard output`, or the path.
        public var description: String {
            switch self {
            case .standardOutput: "standard output"
            case .file(let path): path
            }
        }
    }

    /// What becomes of a line for which there is no room in the ring.
    public enum Overflow: String, Sendable, CaseIterable {
        /// It is lost, and counted: the server never waits for its log.
        case drop
        /// The server waits: no line is lost while the disk takes them at all, however slowly.
        case block
    }

    /// Bytes that wait to be written, shared by the threads of a server; a request takes about 100,
    /// and its texts. Enough for some tenths of a second of anything that one machine serves.
    public static let standardCapacity = 8 << 20

    /// What `capacity` may be.
    public static let capacityRange = 65_536...(1 << 30)

    /// How long `close` and the end of a server wait for the last lines.
    private static let patience: UInt64 = 5_000_000_000

    private let core: AccessLogCore
    private let capturing: ExchangeCapture

    /// Opens the log and starts its thread.
    ///
    /// - Parameters:
    ///   - format: What a line looks like.
    ///   - destination: Where it goes.
    ///   - overflow: What happens when lines come faster than they can be written.
    ///   - usesLocalTime: Times are those of the process's time zone instead of UTC.
    ///   - capacity: Bytes that may wait to be written, in `capacityRange`.
    /// - Throws: `FileError` when the file cannot be opened, or there is no thread.
    public init(
        _ format: AccessLogFormat, to destination: Destination = .standardOutput,
        overflow: Overflow = .drop, usesLocalTime: Bool = false,
        capacity: Int = AccessLog.standardCapacity
    ) throws(FileError) {
        precondition(
            Self.capacityRange.contains(capacity),
            "capacity \(capacity) is not in 65536 ... 1073741824")
        do {
            core = try AccessLogCore(overflow: overflow, capacity: capacity)
            let file = Mutex<LogFile?>(
                try Self.open(destination))
            capturing = ExchangeCapture(format.plan)
            let core = core
            _ = try Thread(name: "access-log") {
                guard let file = file.withLock({ $0.take() }) else { return }
                var writer = AccessLogWriter(
                    core, format: format, isLocal: usesLocalTime, destination: destination,
                    file: file)
                writer.run()
            }
        } catch {
            throw FileError("the access log \(destination) cannot be opened: \(error)")
        }
    }

    deinit {
        // Nothing waits here; what has been recorded is still written.
        core.close()
    }

    private static func open(_ destination: Destination) throws(Errno) -> LogFile {
        switch destination {
        case .standardOutput: .standardOutput
        case .file(let path): try LogFile(appendingTo: path)
        }
    }

    /// Lines that have been written.
    public var writtenCount: UInt64 { core.writtenCount }

    /// Lines that were lost: there was no room for them, or they could not be written.
    public var droppedCount: UInt64 { core.droppedCount }

    /// Opens the file by its name again, after a program such as logrotate has given another name to
    /// what was there. Returns at once; any thread. Lines are written to the old file until the new
    /// one is open, so none is lost; should that fail, the old one stays.
    public func reopen() {
        core.reopen()
    }

    /// Waits until all that has been recorded is written, for at most five seconds.
    ///
    /// - Returns: Whether it is.
    @discardableResult
    public func flush() -> Bool {
        core.flush(nanoseconds: Self.patience)
    }

    /// Writes all that has been recorded and ends the thread; waits for that for at most five
    /// seconds. After it, nothing more is written.
    ///
    /// - Returns: Whether all is written in time.
    @discardableResult
    public func close() -> Bool {
        core.close()
        return core.waitForEnd(nanoseconds: Self.patience)
    }

    // MARK: For the server

    /// Where the log says what went wrong with it; standard error until this is set.
    func setLog(_ log: @escaping @Sendable (String) -> Void) {
        core.setLog(log)
    }

    /// What takes the exchanges of one thread, and is used on that thread only.
    ///
    /// - Parameters:
    ///   - surroundings: Asked with the first exchange.
    ///   - threadCount: Threads of the server, which share the capacity.
    func makeProducer(
        threadCount: Int, _ surroundings: @escaping @Sendable () -> AccessLogSurroundings
    ) -> AccessLogProducer {
        let source = core.addSource(surroundings, threadCount: threadCount)
        return AccessLogProducer(source, capturing, core)
    }
}
