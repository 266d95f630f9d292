import Containers
import Foundation
import HTTPEngine
import Syscalls
import TestSupport

@testable import Sluice

/// Plays a thread of a server that records exchanges: each is a line of text that was no request.
final class LogDriver {
    private let producer: AccessLogProducer
    private let template = LoggedExchange().exchange

    /// - Parameter threadCount: Of the server; many make the ring as small as it can be.
    init(_ log: AccessLog, threadCount: Int = 1) {
        producer = log.makeProducer(threadCount: threadCount) { LoggedExchange().surroundings }
    }

    func record(_ text: String) {
        var texts = ByteBuffer()
        let bytes = Array(text.utf8)
        producer.capture(unparsed: bytes.span, from: .loopback(port: 1), into: &texts)
        var exchange = template
        exchange.textByteCount = UInt32(texts.count)
        let exchanges = [exchange]
        producer.record(exchanges.span, texts: texts.span)
    }
}

/// A pipe with a name: a file that takes no more than somebody reads.
final class FIFO {
    let path: String
    private let handle: FileHandle
    /// Read, and not taken by `lines`.
    private var received: [UInt8] = []

    init(_ path: String) throws {
        self.path = path
        guard unsafe mkfifo(path, 0o600) == 0 else { throw ClientFailure("no FIFO") }
        // Open in both directions, it needs nobody else to be opened and never ends.
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw ClientFailure("no FIFO") }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// The next so many lines, each of which must come within some seconds of the one before.
    func lines(_ count: Int) throws -> [String] {
        var lines: [String] = []
        var start = 0
        while lines.count < count {
            if let end = received[start...].firstIndex(of: 0x0A) {
                lines.append(String(decoding: received[start..<end], as: UTF8.self))
                start = end + 1
            } else {
                received.removeFirst(start)
                start = 0
                try wait()
                received += read()
            }
        }
        received.removeFirst(start)
        return lines
    }

    /// Reads what there is until nothing more comes.
    func drain() {
        while (try? wait(milliseconds: 200)) != nil { _ = read() }
    }

    private func wait(milliseconds: Int32 = 15_000) throws {
        var request = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&request, 1, milliseconds) == 1 else {
            throw ClientFailure("nothing comes through the FIFO")
        }
    }

    private func read() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe Glibc.read(handle.fileDescriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }
}
