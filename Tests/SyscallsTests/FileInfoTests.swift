import Syscalls
import Testing

@Suite struct FileInfoTests {
    @Test func `a file has its kind, size and time`() throws {
        let tree = try TemporaryTree()
        try tree.file("a", "12345")
        try tree.setModified("a", seconds: 1_700_000_000, nanoseconds: 123_456_789)
        let info = try open("a", in: tree).info()
        #expect(info.kind == .regular)
        #expect(info.size == 5)
        #expect(info.modifiedSeconds == 1_700_000_000)
        #expect(info.modifiedNanoseconds == 123_456_789)
    }

    @Test func `a time before 1970 is negative`() throws {
        let tree = try TemporaryTree()
        try tree.file("a")
        try tree.setModified("a", seconds: -2, nanoseconds: 500_000_000)
        let info = try open("a", in: tree).info()
        #expect(info.modifiedSeconds == -2 && info.modifiedNanoseconds == 500_000_000)
    }

    @Test func `a file is told from another, and knows itself again`() throws {
        let tree = try TemporaryTree()
        try tree.file("a", "1")
        try tree.file("b", "1")
        let first = try open("a", in: tree).info()
        #expect(try open("a", in: tree).info() == first)
        let other = try open("b", in: tree).info()
        #expect(other.inode != first.inode && other.device == first.device)
        try tree.file("a", "12")
        let changed = try open("a", in: tree).info()
        #expect(changed != first && changed.inode == first.inode && changed.size == 2)
    }

    @Test func `a socket and an event are neither files nor folders`() throws {
        #expect(try Loopback().client.info().kind == .other)
        #expect(try EventDescriptor().descriptor.info().kind == .other)
    }

    @Test func `bytes are read from anywhere, without moving the file's position`() throws {
        let tree = try TemporaryTree()
        try tree.file("a", "0123456789")
        let file = try open("a", in: tree)
        #expect(try text(file, at: 3, 4) == "3456")
        #expect(try text(file, at: 0, 2) == "01")
        #expect(try text(file, at: 8, 100) == "89")
        #expect(try text(file, at: 10, 1) == nil)
        #expect(try text(file, at: 1_000_000, 1) == nil)
    }

    @Test func `bytes are appended behind those that are there`() throws {
        let tree = try TemporaryTree()
        try tree.file("a", "abcdef")
        let file = try open("a", in: tree)
        var results: [IOResult] = []
        let bytes = try [UInt8](capacity: 5) { output throws(Errno) in
            output.append(UInt8(ascii: ">"))
            results.append(try file.read(at: 0, into: &output))
        }
        #expect(String(decoding: bytes, as: UTF8.self) == ">abcd")
        #expect(results == [.bytes(4)])
    }

    @Test func `a file that has become shorter ends there`() throws {
        let tree = try TemporaryTree()
        try tree.file("a", "abcdef")
        let file = try open("a", in: tree)
        try tree.truncate("a", to: 2)
        #expect(try text(file, at: 0, 6) == "ab")
        #expect(try text(file, at: 4, 2) == nil)
        #expect(try file.info().size == 2)
    }

    #if FAULT_INJECTION
        @Test func `reads are made again, cut short, and fail`() throws {
            let tree = try TemporaryTree()
            try tree.file("a", "abcdef")
            let file = try open("a", in: tree)
            let interrupted = FaultPlan(.fail(.read, with: .interrupted, onCalls: 1...2))
            #expect(try interrupted.run { try text(file, at: 0, 6) } == "abcdef")
            #expect(interrupted.callCount(.read) == 3)
            let short = FaultPlan(.limit(.read, toBytes: 2))
            #expect(try short.run { try text(file, at: 1, 6) } == "bc")
            #expect(throws: Errno.inputOutput) {
                try FaultPlan(.fail(.read, with: .inputOutput)).run {
                    _ = try text(file, at: 0, 6)
                }
            }
        }
    #endif

    private func open(
        _ name: String, in tree: borrowing TemporaryTree
    ) throws -> FileDescriptor {
        guard case .file(let file, _) = try Folder(tree.path).openFile(beneath: name.utf8.span)
        else { throw Missing.file }
        return file
    }

    /// At most `count` bytes; nil at the end of the file.
    private func text(
        _ file: borrowing FileDescriptor, at offset: Int, _ count: Int
    ) throws -> String? {
        var result: IOResult?
        let bytes = try [UInt8](capacity: count) { output throws(Errno) in
            result = try file.read(at: offset, into: &output)
        }
        if result == .endOfStream { return nil }
        #expect(result == .bytes(bytes.count))
        return String(decoding: bytes, as: UTF8.self)
    }
}
