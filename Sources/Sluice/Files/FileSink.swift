/// A file that is being written, in an `UploadFolder`.
///
///     var sink = try await uploads.create("photo.jpg")
///     for try await chunk in request.body { try await sink.write(chunk) }
///     try await sink.finish()
///
/// Nobody sees it until `finish` gives it its name. Let go of before, because of an error or because
/// the task was cancelled, it leaves nothing behind; nor does a crash, where the file system has
/// files without a name (`O_TMPFILE` of `open(2)`). Where it has none, a crash leaves a hidden file,
/// `.sluice-` and 16 digits. All of its work is done on threads of the
/// folder's pool. It is let into the pool once, by `create`: what follows waits for its turn and is
/// never refused, one call of one file at a time.
public struct FileSink: ~Copyable {
    /// The bytes that have been written.
    public private(set) var byteCount = 0

    private let file: PendingFile
    private var hasFailed = false
    private var hasFinished = false

    init(_ file: PendingFile) {
        self.file = file
    }

    deinit {
        // To close a large file that has no name gives back its blocks, which takes its time.
        guard !hasFinished else { return }
        let file = file
        file.pool.detach { file.discard() }
    }

    /// The name that it will have.
    public var name: String { file.name }

    /// Writes a chunk behind those before it, and returns when the system has it.
    ///
    /// - Throws: `HTTPError` 507 `insufficient_storage` when the disk is full; `FileError`;
    ///   `CancellationError`. The file cannot be finished then.
    public mutating func write(_ chunk: [UInt8]) async throws {
        guard !hasFailed else { throw file.brokenError }
        guard !chunk.isEmpty else { return }
        let file = file
        hasFailed = true
        try await file.pool.run(isAdmitted: true) { try file.write(chunk) }
        hasFailed = false
        byteCount += chunk.count
    }

    /// Gives the file its name, in one step: whoever opens that finds the old file, or the new one
    /// with all its bytes.
    ///
    /// - Parameter synchronizing: Returns only when the file and its name would survive a loss of
    ///   power (`fsync(2)`), which takes milliseconds.
    /// - Returns: The bytes of the file.
    /// - Throws: `HTTPError` 409 `file_exists` when the old file is to be kept, or 507; `FileError`;
    ///   `CancellationError`. Nothing is left behind then.
    @discardableResult
    public consuming func finish(synchronizing: Bool = false) async throws -> Int {
        guard !hasFailed else { throw file.brokenError }
        let file = file
        try await file.pool.run(isAdmitted: true) {
            try file.finish(synchronizing: synchronizing)
        }
        hasFinished = true
        return byteCount
    }
}
