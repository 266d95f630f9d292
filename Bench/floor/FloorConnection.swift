internal import CLinux
internal import Glibc
internal import Syscalls

/// One connection of the floor.
struct FloorConnection: ~Copyable {
    let descriptor: FileDescriptor
    /// Bytes of replies that are still to be sent.
    private(set) var owed = 0
    /// Not all of what was owed could be sent.
    var isBlocked: Bool { wouldBlock && owed > 0 }
    private var wouldBlock = false
    /// How far the end of a head had come at the end of the last read.
    private var headEnd = HeadEnd()

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Reads once and owes a reply for each head that ends; false at the end of the stream.
    mutating func receive(
        into area: inout ReadArea, replyLength: Int
    ) throws(Errno) -> Bool {
        switch try area.receive(from: descriptor) {
        case .bytes(let count):
            owed += countHeads(in: area.bytes(count)) * replyLength
            return true
        case .wouldBlock:
            return true
        case .endOfStream:
            return false
        }
    }

    /// Sends once. What is owed is always a tail of the same replies, so only its length is kept.
    mutating func send(from replies: [UInt8], replyLength: Int) throws(Errno) {
        let start = (replyLength - owed % replyLength) % replyLength
        let count = min(owed, replies.count - start)
        switch try Socket.send(
            replies.span.extracting(start..<(start + count)), to: descriptor)
        {
        case .bytes(let sent): owed -= sent
        case .wouldBlock, .endOfStream: break
        }
        wouldBlock = owed > 0
    }

    /// How many heads end in these bytes.
    private mutating func countHeads(in bytes: Span<UInt8>) -> Int {
        var count = 0
        var offset = 0
        while headEnd.isPartial && offset < bytes.count {
            if headEnd.advance(bytes[offset]) { count += 1 }
            offset += 1
        }
        unsafe bytes.extracting(offset..<bytes.count).withUnsafeBufferPointer { buffer in
            // SAFETY: every pointer and length below lies inside `buffer`, which is valid here.
            unsafe scan(buffer, &count)
        }
        return count
    }

    private mutating func scan(_ buffer: UnsafeBufferPointer<UInt8>, _ count: inout Int) {
        guard var start = unsafe UnsafeRawPointer(buffer.baseAddress) else { return }
        let end = unsafe start + buffer.count
        while let found = unsafe memmem(start, end - start, "\r\n\r\n", 4) {
            count += 1
            unsafe start = UnsafeRawPointer(found) + 4
        }
        // The last three bytes may begin the next end.
        var tail = unsafe max(start, end - 3)
        while unsafe tail < end {
            if headEnd.advance(unsafe tail.load(as: UInt8.self)) { count += 1 }
            unsafe tail += 1
        }
    }
}
