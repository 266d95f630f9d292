internal import Containers
internal import HTTP1
internal import Syscalls

// Bodies that are sent from files.

extension ServerConnection {
    // MARK: What the engine looks at

    /// A file comes behind `output`.
    package var sendsFile: Bool { fileSending != .none }

    /// What is sent behind `output`, if anything.
    var file: FileDelivery? { pipeline.firstFile }

    /// Something could not be sent because the socket had no room.
    package var awaitsRoom: Bool {
        !sendBuffer.isEmpty || fileSending == .blocked
    }

    /// The file's next bytes are being read elsewhere.
    var isWarming: Bool { pipeline.firstFile?.isWarming ?? false }

    // MARK: Events

    /// The engine has sent bytes of `file`.
    ///
    /// - Parameters:
    ///   - byteCount: How many.
    ///   - isBlocked: The socket has no room for more.
    mutating func fileSent(
        _ byteCount: Int, isBlocked: Bool, at now: Instant, _ workspace: inout Workspace
    ) {
        guard let file = pipeline.firstFile else {
            preconditionFailure("what has been sent is in the pipeline")
        }
        fileSending = isBlocked ? .blocked : .ready
        writeClock.progressed(by: byteCount, at: now)
        if isBlocked {
            writeClock.blocked(at: now)
        } else {
            writeClock.unblocked(at: now)
        }
        file.sent(byteCount)
        if file.isBeforeBytes {
            prepareSendBuffer(&workspace)
            file.appendBytes(to: &sendBuffer)
        }
        if file.isFinished { fileFinished(at: now, &workspace) }
    }

    /// The file has become shorter, or it or the socket cannot be used any more. What was promised
    /// cannot be kept, and the client must be able to see it.
    mutating func fileFailed() {
        lifecycle = .reset
    }

    // MARK: Helpers

    /// The head of the first exchange is in the send buffer: what stands before its first segment
    /// follows.
    mutating func beginFile() {
        guard let file = pipeline.firstFile else { return }
        fileSending = .ready
        file.appendBytes(to: &sendBuffer)
    }

    /// The answers behind it go on.
    private mutating func fileFinished(at now: Instant, _ workspace: inout Workspace) {
        _ = pipeline.removeFirst()
        fileSending = .none
        // Bytes behind the last segment are still the same answer's.
        if sendBuffer.isEmpty { writeClock.answerFinished() }
        if !pipeline.isEmpty { advance(at: now, &workspace) }
        if !hasBegunHead && isInHead { waitStart = now }
    }
}
