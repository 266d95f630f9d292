import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Sluice

/// What the log's own thread writes, without a server around it.
@Suite struct AccessLogTests {
    @Test func `what is recorded is written in its order, and nothing is lost at the end`() throws {
        try withFolder { folder in
            let path = folder + "/log"
            let log = try AccessLog(.parse("%r"), to: .file(path))
            let driver = LogDriver(log)
            for number in 0..<1_000 { driver.record("line \(number)") }
            #expect(log.close())
            #expect(try lines(of: path) == (0..<1_000).map { "line \($0)" })
            #expect(log.writtenCount == 1_000)
            #expect(log.droppedCount == 0)
            #expect(log.close(), "closing again changes nothing")
        }
    }

    @Test func `a line wakes a writer that sleeps, and flushing waits for it`() throws {
        try withFolder { folder in
            let fifo = try FIFO(folder + "/fifo")
            let log = try AccessLog(.parse("%r"), to: .file(fifo.path))
            let driver = LogDriver(log)
            for number in 0..<3 {
                driver.record("line \(number)")
                #expect(try fifo.lines(1) == ["line \(number)"])
            }
            driver.record("last")
            #expect(log.flush())
            #expect(log.writtenCount == 4)
            #expect(log.flush(), "nothing has come since")
        }
    }

    @Test func `several threads lose nothing, and each keeps its order`() throws {
        try withFolder { folder in
            let path = folder + "/log"
            let log = try AccessLog(.parse("%r"), to: .file(path), overflow: .block)
            let ended = Happening()
            for thread in 0..<4 {
                Thread.detachNewThread {
                    let driver = LogDriver(log, threadCount: 4)
                    for number in 0..<5_000 { driver.record("\(thread) \(number)") }
                    ended.happens()
                }
            }
            for _ in 0..<4 { try ended.await() }
            log.close()
            let written = try lines(of: path)
            #expect(written.count == 20_000)
            for thread in 0..<4 {
                let own = written.filter { $0.hasPrefix("\(thread) ") }
                #expect(own == (0..<5_000).map { "\(thread) \($0)" })
            }
        }
    }

    @Test func `a full ring drops, counts what it drops, and reports it`() throws {
        try withFolder { folder in
            let fifo = try FIFO(folder + "/fifo")
            let log = try AccessLog(.parse("%r"), to: .file(fifo.path), overflow: .drop)
            let reports = Reports(log)
            let driver = LogDriver(log, threadCount: 64)
            let count = 20_000
            for number in 0..<count { driver.record("line \(number) \(Self.filler)") }
            let dropped = Int(log.droppedCount)
            #expect(dropped > 0)
            let written = try fifo.lines(count - dropped)
            let numbers = try written.map { line in
                try #require(line.wholeMatch(of: /line (\d+) x{80}/).flatMap { Int($0.1) })
            }
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
            #expect(log.close())
            #expect(Int(log.writtenCount) == count - dropped)
            #expect(Int(log.droppedCount) == dropped)
            let text = reports.all.joined(separator: "\n")
            #expect(text.contains("\(dropped) in all; the writer could not keep up"))
        }
    }

    @Test func `a full ring blocks when it is told to, and nothing is lost`() throws {
        try withFolder { folder in
            let fifo = try FIFO(folder + "/fifo")
            let log = try AccessLog(.parse("%r"), to: .file(fifo.path), overflow: .block)
            let isOver = Atomic(false)
            let ended = Happening()
            let count = 10_000
            Thread.detachNewThread {
                let driver = LogDriver(log, threadCount: 64)
                for number in 0..<count { driver.record("line \(number) \(Self.filler)") }
                isOver.store(true, ordering: .releasing)
                ended.happens()
            }
            // More than pipe, batch and ring hold is under way, so the thread cannot be done before
            // something is read.
            let first = try fifo.lines(1)
            let wasOver = isOver.load(ordering: .acquiring)
            #expect(!wasOver)
            let written = try first + fifo.lines(count - 1)
            try ended.await()
            #expect(written == (0..<count).map { "line \($0) \(Self.filler)" })
            #expect(log.droppedCount == 0)
        }
    }

    @Test func `a blocked thread goes on when the log is closed`() throws {
        try withFolder { folder in
            let fifo = try FIFO(folder + "/fifo")
            let log = try AccessLog(.parse("%r"), to: .file(fifo.path), overflow: .block)
            let ended = Happening()
            Thread.detachNewThread {
                let driver = LogDriver(log, threadCount: 64)
                for number in 0..<10_000 { driver.record("line \(number) \(Self.filler)") }
                ended.happens()
            }
            _ = try fifo.lines(1)
            let closed = Happening()
            Thread.detachNewThread {
                log.close()
                closed.happens()
            }
            try ended.await()
            #expect(log.droppedCount > 0)
            fifo.drain()
            try closed.await()
        }
    }

    @Test func `rotation under load loses no line and tears none`() throws {
        try withFolder { folder in
            let path = folder + "/log"
            let log = try AccessLog(.parse("%r"), to: .file(path), overflow: .block)
            let ended = Happening()
            let count = 30_000
            Thread.detachNewThread {
                let driver = LogDriver(log)
                for number in 0..<count { driver.record("line \(number)") }
                ended.happens()
            }
            var files: [String] = []
            for number in 0..<20 {
                let old = "\(path).\(number)"
                try FileManager.default.moveItem(atPath: path, toPath: old)
                files.append(old)
                log.reopen()
                // What has been recorded is written to the one or the other.
                #expect(log.flush())
                #expect(FileManager.default.fileExists(atPath: path))
            }
            try ended.await()
            #expect(log.close())
            let written = try (files + [path]).flatMap { try lines(of: $0) }
            #expect(written == (0..<count).map { "line \($0)" })
        }
    }

    @Test func `a file that cannot be opened again leaves the old one`() throws {
        try withFolder { folder in
            let path = folder + "/inner/log"
            try FileManager.default.createDirectory(
                atPath: folder + "/inner", withIntermediateDirectories: true)
            let log = try AccessLog(.parse("%r"), to: .file(path))
            let reports = Reports(log)
            let driver = LogDriver(log, threadCount: 64)
            driver.record("one")
            #expect(log.flush())
            try FileManager.default.moveItem(
                atPath: folder + "/inner", toPath: folder + "/moved")
            log.reopen()
            driver.record("two")
            log.close()
            #expect(try lines(of: folder + "/moved/log") == ["one", "two"])
            #expect(reports.all.count == 1)
            #expect(reports.all.first?.contains("cannot be opened again") == true)
        }
    }

    @Test func `a full disk is reported once, counted, and written to again when it is not full`()
        throws
    {
        try withFolder { folder in
            let path = folder + "/log"
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: "/dev/full")
            let log = try AccessLog(.parse("%r"), to: .file(path), overflow: .block)
            let reports = Reports(log)
            let driver = LogDriver(log, threadCount: 64)
            driver.record("first")
            #expect(log.flush())
            // More than the ring holds: nobody waits for a disk that is full.
            for number in 0..<20_000 { driver.record("lost \(number)") }
            #expect(log.flush())
            #expect(log.writtenCount == 0)
            #expect(log.droppedCount == 20_000)
            try FileManager.default.removeItem(atPath: path)
            log.reopen()
            #expect(log.flush())
            driver.record("last")
            #expect(log.close())
            #expect(try lines(of: path) == ["first", "last"])
            #expect(log.writtenCount == 2)
            #expect(reports.all.count { $0.contains("cannot be written: ") } == 1)
            #expect(reports.all.count { $0.contains("can be written again") } == 1)
            #expect(reports.all.contains { $0.contains("20000 in all") })
        }
    }

    @Test func `what cannot be written at the end is counted`() throws {
        let log = try AccessLog(.parse("%r"), to: .file("/dev/full"))
        let reports = Reports(log)
        let driver = LogDriver(log, threadCount: 64)
        driver.record("lost")
        #expect(log.close())
        #expect(log.writtenCount == 0)
        #expect(log.droppedCount == 1)
        #expect(reports.all.last?.contains("1 in all; they cannot be written") == true)
    }

    @Test func `a file that cannot be is named`() throws {
        let error = #expect(throws: FileError.self) {
            _ = try AccessLog(.common, to: .file("/nowhere/log"))
        }
        #expect(error?.description.contains("/nowhere/log") == true)
        #expect(error?.description.contains("ENOENT") == true)
    }

    @Test func `sources that have ended are let go, and their drops stay counted`() throws {
        try withFolder { folder in
            let fifo = try FIFO(folder + "/fifo")
            let log = try AccessLog(.parse("%r"), to: .file(fifo.path))
            var count = 0
            do {
                let driver = LogDriver(log, threadCount: 64)
                while log.droppedCount == 0 {
                    driver.record("line \(Self.filler)")
                    count += 1
                }
            }
            let dropped = Int(log.droppedCount)
            _ = try fifo.lines(count - dropped)
            #expect(log.flush())
            #expect(log.flush(), "the second pass has let go of the source")
            #expect(Int(log.droppedCount) == dropped)
        }
    }

    private static let filler = String(repeating: "x", count: 80)

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func lines(of path: String) throws -> [String] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }
}

/// What a log says went wrong with it.
private final class Reports: Sendable {
    private let lines = Mutex<[String]>([])

    init(_ log: AccessLog) {
        log.setLog { [self] line in lines.withLock { $0.append(line) } }
    }

    var all: [String] { lines.withLock { $0 } }
}
