internal import Synchronization
internal import Syscalls

/// The file behind a `FileSink`. All that it does blocks, and is done on threads of the pool.
///
/// Where the file system has files without a name, it is one until it is finished, and even a crash
/// leaves nothing. Elsewhere it has a hidden name of its own, `.sluice-` and 16 digits, which a
/// crash leaves behind.
final class PendingFile: Sendable {
    private struct State: ~Copyable {
        /// `nil` when it has its name or is gone, so that whoever finishes or discards it closes it.
        var descriptor: FileDescriptor?
        /// The name that it has until then, if any.
        var temporaryName: String?
    }

    let name: String
    var pool: OffloadPool { uploads.pool }

    private let existing: UploadFolder.Existing
    private let uploads: UploadFolder
    /// One call at a time works on it; the lock is for the thread that lets go of it.
    private let state: Mutex<State>

    /// Makes the file.
    init(_ name: String, _ existing: UploadFolder.Existing, in uploads: UploadFolder) throws {
        self.name = name
        self.existing = existing
        self.uploads = uploads
        let temporaryName = uploads.hasNamelessFiles ? nil : Self.temporaryName()
        do throws(Errno) {
            let descriptor =
                if let temporaryName {
                    try uploads.folder.makeFile(temporaryName, mode: Self.mode)
                } else {
                    try uploads.folder.makeNamelessFile(mode: Self.mode)
                }
            state = Mutex(State(descriptor: descriptor, temporaryName: temporaryName))
        } catch {
            throw Self.error(error, "made", name)
        }
    }

    deinit {
        discard()
    }

    /// What a sink says of which a write has failed.
    var brokenError: FileError {
        FileError("file \(name.debugDescription): an earlier write of it has failed")
    }

    /// Writes behind what is there. When that fails it is discarded, which gives back its blocks.
    func write(_ chunk: [UInt8]) throws {
        do throws(Errno) {
            try state.withLock { state throws(Errno) in
                guard let file = state.descriptor.take() else { return }
                do throws(Errno) {
                    try Output.write(chunk.span, to: file)
                } catch {
                    removeTemporaryName(&state)
                    throw error
                }
                state.descriptor = consume file
            }
        } catch {
            throw Self.error(error, "written", name)
        }
    }

    /// Gives it its name, or discards it.
    func finish(synchronizing: Bool) throws {
        do throws(Errno) {
            try state.withLock { state throws(Errno) in
                guard let file = state.descriptor.take() else { return }
                defer { removeTemporaryName(&state) }
                if synchronizing { try file.synchronize() }
                switch existing {
                case .kept: try link(file, state.temporaryName)
                case .replaced: try replace(file, &state.temporaryName)
                }
                if synchronizing { try uploads.folder.synchronize() }
            }
        } catch {
            throw Self.error(error, "finished", name)
        }
    }

    /// Removes it, unless it has its name.
    func discard() {
        state.withLock { state in
            state.descriptor = nil
            removeTemporaryName(&state)
        }
    }

    private func link(
        _ file: borrowing FileDescriptor, _ temporaryName: String?
    ) throws(Errno) {
        if let temporaryName {
            try uploads.folder.link(temporaryName, as: name)
        } else {
            try uploads.folder.link(file, as: name)
        }
    }

    /// A link takes nothing's place, and a rename needs a name to begin with.
    private func replace(
        _ file: borrowing FileDescriptor, _ temporaryName: inout String?
    ) throws(Errno) {
        if temporaryName == nil {
            do throws(Errno) {
                return try uploads.folder.link(file, as: name)
            } catch {
                guard error == .fileExists else { throw error }
            }
            let other = Self.temporaryName()
            try uploads.folder.link(file, as: other)
            temporaryName = other
        }
        guard let from = temporaryName else { return }
        try uploads.folder.rename(from, to: name)
        temporaryName = nil
    }

    /// Nobody can be told when that fails.
    private func removeTemporaryName(_ state: inout State) {
        guard let temporaryName = state.temporaryName.take() else { return }
        try? uploads.folder.remove(temporaryName)
    }

    /// Whoever may read what the process writes may read it; the umask takes from that.
    private static let mode: UInt32 = 0o644

    /// Hidden, and free: 2⁶⁴ of them, and one that is there already is an error, not overwritten.
    private static func temporaryName() -> String {
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return ".sluice-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func error(_ error: Errno, _ action: String, _ name: String) -> any Error {
        switch error {
        case .noSpace, .quotaExceeded:
            HTTPError(
                507, code: "insufficient_storage", message: "there is no room for this file")
        case .fileExists:
            HTTPError(
                .conflict, code: "file_exists", message: "there is a file of this name already")
        default:
            FileError("file \(name.debugDescription) cannot be \(action): \(error)")
        }
    }
}
