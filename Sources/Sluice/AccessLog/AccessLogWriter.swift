internal import Containers
internal import HTTPEngine
internal import Syscalls

/// The thread of an access log: takes what the producers hand over, formats it and writes it.
struct AccessLogWriter: ~Copyable {
    private let core: AccessLogCore
    private let destination: AccessLog.Destination
    private var line: AccessLogLine
    private var file: LogFile
    /// Lines that are formatted and not written. Bounded: it is written when it has 64 KiB, and
    /// nothing is added while that fails.
    private var output = ByteBuffer()
    private var pendingLineCount = 0
    /// The file ends within a line, the rest of which is first in `output`.
    private var isInsideLine = false
    /// When a write that has failed is tried again; `nil`: none has.
    private var retry: Instant?
    private var reportedDropCount: UInt64 = 0
    private var nextReport = Instant(nanoseconds: 0)

    /// Bytes that are written together: few system calls, and few pages of memory.
    private static let batchByteCount = 65_536
    /// Between two looks while lines come.
    private static let restNanoseconds: UInt64 = 10_000_000
    /// Until a write is tried again, and between two reports of dropped lines.
    private static let retryNanoseconds: UInt64 = 1_000_000_000

    init(
        _ core: AccessLogCore, format: AccessLogFormat, isLocal: Bool,
        destination: AccessLog.Destination, file: consuming LogFile
    ) {
        self.core = core
        self.destination = destination
        self.file = file
        line = AccessLogLine(format, isLocal: isLocal)
    }

    /// The thread's life.
    mutating func run() {
        // A pipe that nobody reads is an error like others, also in a program that has not said so.
        _ = Signals.blockBrokenPipe()
        while true {
            let isClosing = core.isClosing
            let ticket = core.flushTicket
            if core.takeReopen() { reopen() }
            let count = takeAll()
            write()
            report(isLast: isClosing && count == 0)
            core.flushed(ticket)
            if isClosing, count == 0 { break }
            if count > 0 {
                core.rest(nanoseconds: isClosing ? 0 : Self.restNanoseconds)
            } else {
                core.sleep(nanoseconds: isWaiting ? Self.retryNanoseconds : nil)
            }
        }
        core.end()
    }

    /// There is something to do later, even if nothing comes.
    private var isWaiting: Bool {
        retry != nil || core.droppedCount != reportedDropCount
    }

    // MARK: Lines

    /// Formats all that has been published.
    ///
    /// - Returns: How many exchanges there were.
    private mutating func takeAll() -> Int {
        var count = 0
        for source in core.takeSources() where !source.ring.isEmpty {
            let clock = LogClock.now()
            let surroundings = source.surroundings
            let drainStart = surroundings.drainStart()
            source.ring.take { record in
                append(record, surroundings, clock, drainStart)
                count += 1
                return true
            }
        }
        return count
    }

    private mutating func append(
        _ record: Span<UInt8>, _ surroundings: AccessLogSurroundings, _ clock: LogClock,
        _ drainStart: Instant?
    ) {
        // What cannot be written is not waited for: a full disk must not stop the server.
        if retry != nil { return core.countLost(1) }
        let exchange = record.value(at: 0, as: FinishedExchange.self)
        let texts = record.extracting(MemoryLayout<FinishedExchange>.size..<record.count)
        line.append(
            exchange, texts: texts, in: surroundings, clock: clock, drainStart: drainStart,
            to: &output)
        pendingLineCount += 1
        if output.count >= Self.batchByteCount { write() }
    }

    // MARK: The file

    /// Writes what is pending, unless that has failed just now.
    private mutating func write() {
        if let retry, MonotonicClock.now() < retry, !core.isClosing { return }
        do {
            try writeAll()
            if retry != nil {
                retry = nil
                core.log("access log: \(destination) can be written again")
            }
        } catch {
            if retry == nil {
                core.log(
                    "access log: \(destination) cannot be written: \(error); lines are lost until "
                        + "it can, which is tried every second")
            }
            retry = MonotonicClock.now() + Self.retryNanoseconds
        }
    }

    private mutating func writeAll() throws(Errno) {
        while !output.isEmpty {
            switch try file.append(output.span) {
            case .bytes(let count):
                isInsideLine = output.span[count - 1] != 0x0A
                output.consume(count)
            case .wouldBlock: try file.waitUntilWritable(milliseconds: 100)
            case .endOfStream: preconditionFailure("only reads end")
            }
        }
        core.countWritten(pendingLineCount)
        pendingLineCount = 0
    }

    /// Opens the file by its name again, which a program for rotation has given to another.
    private mutating func reopen() {
        guard case .file(let path) = destination else { return }
        // What is formatted belongs to the old file.
        write()
        do {
            file = try LogFile(appendingTo: path)
        } catch {
            core.log("access log: \(destination) cannot be opened again: \(error)")
            return
        }
        if isInsideLine { dropRestOfLine() }
        // The new file may be on another disk.
        if retry != nil { retry = MonotonicClock.now() }
    }

    private mutating func dropRestOfLine() {
        var count = 0
        while output.span[count] != 0x0A { count += 1 }
        output.consume(count + 1)
        isInsideLine = false
        pendingLineCount -= 1
        core.countLost(1)
    }

    /// Says how many lines have been lost, at most once a second.
    private mutating func report(isLast: Bool) {
        if isLast, pendingLineCount > 0 {
            core.countLost(pendingLineCount)
            pendingLineCount = 0
        }
        let count = core.droppedCount
        guard count != reportedDropCount else { return }
        let now = MonotonicClock.now()
        guard isLast || now >= nextReport else { return }
        core.log(
            "access log: \(count - reportedDropCount) lines were lost, \(count) in all; "
                + (retry == nil ? "the writer could not keep up" : "they cannot be written"))
        reportedDropCount = count
        nextReport = now + Self.retryNanoseconds
    }
}
