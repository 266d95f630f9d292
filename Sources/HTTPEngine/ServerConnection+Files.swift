internal import Containers
internal import HTTP1
internal import Syscalls

// Bodies that are sent from files.

extension ServerConnection {
    // MARK: What the engine looks at

    /// Something comes behind `output`.
    package var hasMoreBehindOutput: Bool {
        if case .nothing = behindOutput { false } else { true }
    }

    /// What is sent behind `output`, if anything.
    var file: FileDelivery? { pipeline.firstFile }

    /// Something could not be sent because the socket had no room.
    package var awaitsRoom: Bool {
        if case .blockedFile = behindOutput { return true }
        return !sendBuffer.isEmpty
    }

    /// The file's next bytes are being read elsewhere.
    var isWarming: Bool { pipeline.firstFile?.isWarming ?? false }

    // MARK: Shared bytes

    /// Below this many bytes a copy costs less than a second piece for the kernel to look at.
    private static let minTailByteCount = 4_096

    /// Bytes that others hold, too, come behind what is in the send buffer.
    mutating func send(shared bytes: [UInt8]) {
        guard bytes.count >= Self.minTailByteCount else {
            sendBuffer.append(bytes.span)
            return
        }
        behindOutput = .shared(bytes)
    }

    /// Something else is to stand behind shared bytes: they become part of the send buffer.
    mutating func copyTail() {
        guard let bytes = takeTail() else { return }
        sendBuffer.append(bytes.span)
    }

    /// Shared bytes that are sent now, or copied.
    mutating func takeTail() -> [UInt8]? {
        guard case .shared(let bytes) = behindOutput else { return nil }
        behindOutput = .nothing
        return bytes
    }

    /// The engine has sent `output` and what `takeTail` gave as if they were one; what of the latter
    /// has not gone is kept.
    mutating func outputSent(
        _ byteCount: Int, withTail bytes: [UInt8], at now: Instant, _ workspace: inout Workspace
    ) {
        let fromOutput = min(byteCount, sendBuffer.count)
        sentByteCount += UInt64(byteCount - fromOutput)
        sendBuffer.append(bytes.span.extracting((byteCount - fromOutput)...))
        outputSent(fromOutput, at: now, &workspace)
    }

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
        sentByteCount += UInt64(byteCount)
        behindOutput = isBlocked ? .blockedFile : .file
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
        noteFailureOfFirst(.brokenAnswer)
        lifecycle = .reset
    }

    // MARK: Helpers

    /// The head of the first exchange is in the send buffer: what stands before its first segment
    /// follows.
    mutating func beginFile() {
        guard let file = pipeline.firstFile else { return }
        behindOutput = .file
        file.appendBytes(to: &sendBuffer)
    }

    /// The answers behind it go on.
    private mutating func fileFinished(at now: Instant, _ workspace: inout Workspace) {
        let leaving = pipeline.removeFirst()
        behindOutput = .nothing
        leave(leaving.id, &workspace)
        // Bytes behind the last segment are still the same answer's.
        if sendBuffer.isEmpty { writeClock.answerFinished() }
        if !pipeline.isEmpty { advance(at: now, &workspace) }
        if !hasBegunHead && isInHead { waitStart = now }
    }
}
