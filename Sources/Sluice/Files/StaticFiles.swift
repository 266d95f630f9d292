internal import Containers
internal import HTTP1
internal import HTTPEngine
package import Syscalls

/// Files of a folder, served as a web server serves them: GET and HEAD, conditions (RFC 9110 §13),
/// ranges (§14), types, encoded siblings, an index, and listings where they are wanted.
///
///     router.files("/static", try StaticFiles("/srv/www"))
///
/// The folder is opened once, and nothing is served from outside of it, wherever paths and symbolic
/// links lead. Only regular files are served. Small files are kept in memory and leave with their
/// head; others go from the page cache to the socket, and what is not in it is read on threads of
/// `OffloadPool.shared`. What has been kept is held against the file system at most once a second.
///
/// docs/STATIC.md says what is answered to what.
public final class StaticFiles: Sendable {
    /// How files are served.
    public struct Options: Sendable {
        /// The value of `Cache-Control` of every file, such as `max-age=3600`; `nil`: no such field.
        public var cacheControl: String?
        /// What a folder's path stands for; `nil`: nothing.
        public var index: String? = "index.html"
        /// Whether a folder without an index is shown as a list of what is in it, as HTML, or JSON by
        /// `Accept`. Otherwise it is 403.
        public var listsFolders = false
        /// Whether names that begin with a dot are served. Otherwise they are 403, and not listed.
        public var servesHidden = false
        /// Whether `NAME.br`, `NAME.zst` and `NAME.gz` are sent in place of a file to who accepts
        /// them. It is up to you that they hold the same.
        public var usesPrecompressed = true
        /// Files that are kept open; beyond, the longest unused are closed.
        public var maxOpenFiles = 1_000
        /// Bytes that are kept in memory, of contents and of what is known about files; beyond, the
        /// longest unused are let go of.
        public var maxCachedBytes = 64 << 20
        /// A file of so many bytes, or fewer, is kept in memory whole.
        public var maxCachedFileBytes = 65_536

        /// All as it is by default.
        public init() {}
    }

    /// What is in a program, and not in a folder.
    public struct Embedded: Sendable {
        /// The path behind the mount, such as `css/style.css`.
        public let path: String
        /// All of it.
        public let content: [UInt8]

        /// A file of the program's own.
        public init(_ path: String, _ content: [UInt8]) {
            self.path = path
            self.content = content
        }

        /// A text of the program's own.
        public init(_ path: String, _ content: String) {
            self.init(path, Array(content.utf8))
        }
    }

    let options: Options
    let cache: StaticCache
    let checkInterval: UInt64

    /// Where files come from; `nil`: from the program.
    let folder: StaticFolder?

    /// Opens a folder. Blocks for as long as that takes: for a program's start.
    ///
    /// - Throws: `FileError` when it cannot be opened, or is no folder, or when an option cannot be.
    public convenience init(_ path: String, options: Options = Options()) throws(FileError) {
        try self.init(
            path, options: options, resolution: .kernel, checkInterval: StaticEntry.checkInterval)
    }

    /// The same; for tests also as on a kernel without openat2(2), and asking the file system more
    /// often, or never.
    ///
    /// - Parameter checkInterval: Nanoseconds for which nobody asks the file system.
    package init(
        _ path: String, options: Options, resolution: PathResolution, checkInterval: UInt64
    ) throws(FileError) {
        try Self.check(options)
        do throws(Errno) {
            folder = StaticFolder(try Folder(path), options, resolution: resolution)
        } catch {
            throw FileError("folder \(path.debugDescription) cannot be opened: \(error)")
        }
        self.options = options
        self.checkInterval = checkInterval
        cache = StaticCache(
            maxOpenFiles: max(0, options.maxOpenFiles), maxBytes: max(0, options.maxCachedBytes))
    }

    /// Files that are part of the program. Their tags are made of their contents, and nothing is
    /// said about when they were changed.
    ///
    /// - Throws: `FileError` when an option cannot be.
    public init(embedded files: [Embedded], options: Options = Options()) throws(FileError) {
        try Self.check(options)
        self.options = options
        folder = nil
        checkInterval = .max
        cache = StaticCache(maxOpenFiles: .max, maxBytes: .max)
        for file in files {
            let path = Array(file.path.utf8)
            insert(file, as: path)
            if let index = options.index, file.path == index || file.path.hasSuffix("/\(index)") {
                insert(file, as: Array(path.dropLast(index.utf8.count)))
            }
        }
    }

    /// Entries, open files and bytes that are kept now. For tests: looks at all of them.
    package var usage: (entries: Int, openFiles: Int, bytes: Int) { cache.usage }

    private static func check(_ options: Options) throws(FileError) {
        if let value = options.cacheControl, !FieldSyntax.isFieldValue(value.utf8.span) {
            throw FileError(
                "cacheControl \(value.debugDescription) holds a control character such as CR or LF")
        }
        if let index = options.index, !Folder.isName(index) {
            throw FileError("index \(index.debugDescription) is no name of a file")
        }
    }

    private func insert(_ file: Embedded, as key: [UInt8]) {
        let contentType = FileTypes.contentType(ofFileNamed: file.path.utf8.span)
        let hash = StaticTable.hash(of: file.content.span)
        let tag = "\(String(hash, radix: 16))-\(String(file.content.count, radix: 16))"
        let validators = Validators(entityTag: EntityTag(known: tag, isWeak: false))
        let representation = StaticRepresentation(
            .identity, byteCount: file.content.count, body: .content(file.content),
            contentType: contentType,
            fields: StaticFields(
                contentType: contentType, coding: .identity, validators: validators, varies: false,
                cacheControl: options.cacheControl.map { Array($0.utf8) }),
            validators: validators, strongFrom: Instant(nanoseconds: 0))
        cache.insert(
            StaticEntry(
                key: key, representations: [representation], observations: [],
                at: MonotonicClock.now()))
    }
}

extension Router {
    /// Answers GET and HEAD on all paths under a prefix with files.
    ///
    ///     router.files("/static", try StaticFiles("/srv/www"))
    ///
    /// The prefix may hold parameters, and middleware of the router and of groups stands around the
    /// files as around handlers.
    public mutating func files(
        _ prefix: String, _ files: StaticFiles, limits: RouteLimits = RouteLimits()
    ) {
        let pattern = prefix.hasSuffix("/") ? "\(prefix)*" : "\(prefix)/*"
        let handler: HandlerClosure = { request, response in
            try files.answer(request, &response)
        }
        guard files.options.listsFolders else {
            get(pattern, limits: limits, handler)
            return
        }
        group("") { group in
            group.use(ListingMiddleware(files: files))
            group.get(pattern, limits: limits, handler)
        }
    }
}
