internal import Reactor
internal import Syscalls

// Sending what comes from files.

extension Connection {
    /// Sends head, segments and what lies between them, until the socket has no room, a window has
    /// gone, or the disk must be waited for.
    @inline(never)
    mutating func flushFiles(at now: Instant, _ workspace: inout Workspace) {
        if let tail = http.takeTail() {
            flush(withTail: tail, at: now, &workspace)
            return
        }
        // Worker threads have no turns, and all room that there is.
        var room = min(workspace.limits.fileWindow, max(0, workspace.fileRoom))
        workspace.hasPostponedFile = room == 0
        while true {
            let window = room > 0 ? nextWindow(atMost: room, at: now, &workspace) : nil
            guard sendOutput(moreFollows: window != nil, at: now, &workspace), let window,
                sendWindow(window, at: now, &workspace)
            else { return }
            workspace.fileRoom -= window.range.count
            room = window.isCold ? 0 : room - window.range.count
        }
    }

    /// Sends once: what is in the send buffer, and behind it what others hold, too.
    private mutating func flush(
        withTail tail: [UInt8], at now: Instant, _ workspace: inout Workspace
    ) {
        do {
            switch try Socket.send(first: http.output, second: tail.span, to: socket) {
            case .bytes(let count):
                http.outputSent(count, withTail: tail, at: now, &workspace)
            case .wouldBlock, .endOfStream:
                http.outputSent(0, withTail: tail, at: now, &workspace)
            }
        } catch {
            workspace.statistics.noteWriteError(error)
            http.connectionLost()
        }
    }

    /// What may be sent now of a file.
    private struct Window {
        var range: Range<Int>
        /// The disk will probably be waited for.
        var isCold = false
    }

    /// The next window; `nil` when there is none, or when it is being read elsewhere.
    private func nextWindow(
        atMost byteCount: Int, at now: Instant, _ workspace: inout Workspace
    ) -> Window? {
        guard let file = http.file, !file.isWarming else { return nil }
        let range = file.window(atMost: byteCount)
        if workspace.mayWaitForDisk || file.isWarm(range) { return Window(range: range) }
        if file.source.isInMemory(range, at: now) {
            file.noteWarm(range)
            return Window(range: range)
        }
        if let executor = workspace.deferral?.executor {
            let address = http.address
            if file.startWarming(range, news: { executor.post(address) }) { return nil }
        }
        let small = file.window(atMost: min(byteCount, workspace.limits.coldFileWindow))
        file.noteWarm(small)
        return Window(range: small, isCold: true)
    }

    /// True when nothing of `output` is left.
    private mutating func sendOutput(
        moreFollows: Bool, at now: Instant, _ workspace: inout Workspace
    ) -> Bool {
        guard !http.output.isEmpty else { return true }
        do {
            switch try Socket.send(http.output, to: socket, moreFollows: moreFollows) {
            case .bytes(let count): http.outputSent(count, at: now, &workspace)
            case .wouldBlock, .endOfStream: http.outputSent(0, at: now, &workspace)
            }
        } catch {
            workspace.statistics.noteWriteError(error)
            http.connectionLost()
            return false
        }
        return http.output.isEmpty
    }

    /// True when all of the window has gone.
    private mutating func sendWindow(
        _ window: Window, at now: Instant, _ workspace: inout Workspace
    ) -> Bool {
        guard let source = http.file?.source else { return false }
        let range = window.range
        do {
            let result = try Socket.sendFile(
                source.descriptor, from: range.lowerBound, count: range.count, to: socket)
            switch result {
            case .bytes(let count):
                let isBlocked = count < range.count
                http.fileSent(count, isBlocked: isBlocked, at: now, &workspace)
                return !isBlocked
            case .wouldBlock:
                http.fileSent(0, isBlocked: true, at: now, &workspace)
            case .endOfStream:
                http.fileFailed()
            }
        } catch {
            http.fileFailed()
        }
        return false
    }
}
