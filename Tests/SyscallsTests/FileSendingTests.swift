import Glibc
import Syscalls
import Testing

@Suite struct FileSendingTests {
    private let text = "abcdefghijklmnopqrstuvwxyz"

    @Test func `sends a part of a file and leaves its position alone`() throws {
        let pair = try Loopback()
        let file = try scratchFile(text)
        let first = try Socket.sendFile(file, from: 3, count: 5, to: pair.client)
        #expect(first == .bytes(5))
        let second = try Socket.sendFile(file, from: 0, count: 3, to: pair.client)
        #expect(second == .bytes(3))
        #expect(try receiveText(8, pair.server) == "defghabc")
        let position = lseek(file.rawValue, 0, SEEK_CUR)
        #expect(position == 0)
    }

    @Test func `sends what there is of a file that has become shorter, then says so`() throws {
        let pair = try Loopback()
        let file = try scratchFile(text)
        let isTruncated = ftruncate(file.rawValue, 10) == 0
        try #require(isTruncated)
        let rest = try Socket.sendFile(file, from: 6, count: 20, to: pair.client)
        #expect(rest == .bytes(4))
        let nothing = try Socket.sendFile(file, from: 10, count: 20, to: pair.client)
        #expect(nothing == .endOfStream)
        #expect(try receiveText(4, pair.server) == "ghij")
    }

    @Test func `says would block when the peer takes nothing`() throws {
        let pair = try Loopback()
        try Socket.setSendBufferSize(pair.client, byteCount: 4096)
        let file = try scratchFile(String(repeating: "x", count: 1 << 20))
        var sent = 0
        // Far more than any socket buffers: the loop ends by the result it looks for.
        while sent < 1 << 30 {
            let result = try Socket.sendFile(file, from: 0, count: 1 << 20, to: pair.client)
            guard case .bytes(let count) = result else {
                #expect(result == .wouldBlock)
                break
            }
            sent += count
        }
        #expect(sent > 0 && sent < 1 << 30)
    }

    @Test func `a peer that is gone is an error and no signal`() throws {
        let pair = try Loopback()
        let file = try scratchFile(text)
        let hasBlocked = Signals.blockBrokenPipe()
        defer { if hasBlocked { Signals.unblockBrokenPipe() } }
        try Socket.shutdownWrite(pair.client)
        #expect(throws: Errno.brokenPipe) {
            try Socket.sendFile(file, from: 0, count: 5, to: pair.client)
        }
    }

    @Test(arguments: [false, true])
    func `bytes behind which more follows arrive as any others`(moreFollows: Bool) throws {
        let pair = try Loopback()
        let result = try Socket.send("head ".utf8.span, to: pair.client, moreFollows: moreFollows)
        #expect(result == .bytes(5))
        let file = try scratchFile(text)
        let fromFile = try Socket.sendFile(file, from: 0, count: 3, to: pair.client)
        #expect(fromFile == .bytes(3))
        #expect(try receiveText(8, pair.server) == "head abc")
    }

    @Test func `reads what is in memory`() throws {
        let file = try scratchFile(text)
        var bytes = Array("-".utf8)
        var results: [IOResult?] = []
        // What was written just now is in memory, unless the file system cannot tell.
        try bytes.append(addingCapacity: 4) { output in
            results.append(try file.readWithoutWaiting(at: 2, into: &output))
        }
        var more: [UInt8] = []
        try more.append(addingCapacity: 4) { output in
            results.append(try file.readWithoutWaiting(at: text.utf8.count, into: &output))
        }
        guard results != [nil, nil] else { return }
        #expect(results == [.bytes(4), .endOfStream])
        #expect(bytes == Array("-cdef".utf8))
        #expect(more.isEmpty)
    }

    @Test(arguments: [0..<0, 0..<1, 0..<26, 25..<26, 5..<100, 100..<200])
    func `what was written just now is in memory, and so is what is not there`(
        range: Range<Int>
    ) throws {
        let file = try scratchFile(text)
        let isCached = file.isCached(range)
        #expect(isCached)
    }

    #if FAULT_INJECTION
        @Test func `a byte of every 64 KiB and the last one are looked at`() throws {
            let file = try scratchFile(String(repeating: "x", count: 200_000))
            let plan = FaultPlan()
            let isCached = plan.run { file.isCached(10..<200_000) }
            #expect(isCached)
            #expect(plan.callCount(.read) == 5)
        }

        @Test(arguments: 1...5)
        func `one byte that is not in memory is enough`(call: Int) throws {
            let file = try scratchFile(String(repeating: "x", count: 200_000))
            let plan = FaultPlan(.fail(.read, with: .wouldBlock, onCalls: call...call))
            let isCached = plan.run { file.isCached(10..<200_000) }
            #expect(!isCached)
            #expect(plan.callCount(.read) == call)
        }

        @Test(arguments: [Errno.notSupported, .invalidArgument, .noSuchCall])
        func `where nobody can tell, it counts as in memory and a read says nil`(
            error: Errno
        ) throws {
            let file = try scratchFile(text)
            try FaultPlan(.fail(.read, with: error)).run {
                let isCached = file.isCached(0..<26)
                #expect(isCached)
                var bytes: [UInt8] = []
                var result: IOResult? = .bytes(0)
                try bytes.append(addingCapacity: 4) { output in
                    result = try file.readWithoutWaiting(at: 0, into: &output)
                }
                #expect(result == nil)
                #expect(bytes.isEmpty)
            }
        }

        @Test func `a read that fails says so`() throws {
            let file = try scratchFile(text)
            FaultPlan(.fail(.read, with: .inputOutput)).run {
                var bytes: [UInt8] = []
                #expect(throws: Errno.inputOutput) {
                    try bytes.append(addingCapacity: 4) { output in
                        _ = try file.readWithoutWaiting(at: 0, into: &output)
                    }
                }
                let isCached = file.isCached(0..<26)
                #expect(isCached)
            }
        }

        @Test func `a send from a file takes a few bytes, and starts again when interrupted`()
            throws
        {
            let pair = try Loopback()
            let file = try scratchFile(text)
            let plan = FaultPlan(
                .limit(.sendFile, toBytes: 3),
                .fail(.sendFile, with: .interrupted, onCalls: 1...2),
                .fail(.sendFile, with: .wouldBlock, onCalls: 4...4))
            try plan.run {
                let few = try Socket.sendFile(file, from: 0, count: 10, to: pair.client)
                #expect(few == .bytes(3))
                let none = try Socket.sendFile(file, from: 3, count: 10, to: pair.client)
                #expect(none == .wouldBlock)
            }
            #expect(plan.callCount(.sendFile) == 4)
        }
    #endif

    /// A file with this text and without a name, open for reading and writing; at its beginning.
    private func scratchFile(_ text: String) throws -> FileDescriptor {
        var template = Array("/tmp/sluice-XXXXXX".utf8CString)
        // SAFETY: mkstemp(3) changes the template in place, which ends in 0.
        let rawValue = unsafe mkstemp(&template)
        try #require(rawValue >= 0)
        let file = FileDescriptor(owning: rawValue)
        // SAFETY: the name ends in 0.
        unsafe unlink(template)
        try Output.write(text.utf8.span, to: file)
        lseek(rawValue, 0, SEEK_SET)
        return file
    }
}
