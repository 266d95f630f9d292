internal import Containers
internal import HTTP1
internal import HTTPEngine
internal import Syscalls

// From a request to the file that answers it.
//
//     path ──► cache ──► is it time to ask the file system? ──► which coding ──► conditions ──► ranges
//                │ not there                                                                     │
//                ▼                                                                               ▼
//              decode, check, open beneath the folder                                     fields and body
//
// The usual request, without conditions and ranges for a small file that is in the cache, allocates
// nothing: its fields and its content are copied into the answer.

extension StaticFiles {
    /// Fills the answer.
    func answer(_ request: borrowing Request, _ response: inout Response) throws {
        if mayList, let listing = request[StaticListingKey.self] {
            try send(listing, request, &response)
            return
        }
        let now = MonotonicClock.now()
        let path = request.fileTarget
        guard !path.lacksSlash, let entry = try entry(path.bytes, at: now) else {
            try redirectToFolder(request, &response)
            return
        }
        try send(entry, request, &response, at: now)
    }

    // MARK: Finding

    /// What a path stands for; `nil`: a folder, and the path does not end with a slash.
    ///
    /// - Parameter path: Behind the mount, as it came.
    private func entry(_ path: Span<UInt8>, at now: Instant) throws -> StaticEntry? {
        if let known = cache.find(path) {
            return try recheck(known, at: now)
        }
        let key = try StaticPath.decoded(path, allowsHidden: options.servesHidden)
        if path.hasPercentSign, let known = cache.find(decoded: key) {
            return try recheck(known, at: now)
        }
        return try load(key, at: now)
    }

    /// Holds an entry against the file system, if it is time, and puts another in its place, if
    /// there is a reason.
    private func recheck(_ known: StaticEntry, at now: Instant) throws -> StaticEntry? {
        guard known.takeCheck(at: now, every: checkInterval), let folder else { return known }
        if !known.isOutdated(at: now), !known.isUnsettled({ folder.cachesContent($0) }),
            folder.isCurrent(known)
        {
            return known
        }
        // Another takes its place, or none.
        cache.remove(known)
        return try load(known.key, at: now)
    }

    private func load(_ key: [UInt8], at now: Instant) throws -> StaticEntry? {
        guard let folder else { return try embeddedFolder(key) }
        let found: StaticFolder.Found
        do throws(Errno) {
            found = try folder.load(key, at: now)
        } catch {
            throw Self.error(for: error)
        }
        switch found {
        case .file(let entry):
            cache.insert(entry)
            return entry
        case .folderWithoutSlash: return nil
        case .folder:
            throw HTTPError(
                .forbidden, code: "no_listing", message: "what is in this folder is not shown")
        case .other:
            throw HTTPError(.forbidden, code: "not_a_file", message: "this is no regular file")
        }
    }

    /// What stands under a path that no embedded file has: perhaps the path of a folder.
    private func embeddedFolder(_ key: [UInt8]) throws(HTTPError) -> StaticEntry? {
        guard cache.find(decoded: key + [UInt8(ascii: "/")]) != nil else {
            throw StaticPath.nothingHere
        }
        return nil
    }

    /// What a client is told about what the file system says; never a path.
    private static func error(for error: Errno) -> any Error {
        switch error {
        case .noSuchFile, .notDirectory, .nameTooLong: StaticPath.nothingHere
        case .accessDenied, .notPermitted:
            HTTPError(.forbidden, code: "unreadable_file", message: "this file cannot be read")
        case .crossDeviceLink:
            HTTPError(
                .forbidden, code: "outside_root", message: "this leads to where nothing is shown")
        case .tooManySymbolicLinks:
            HTTPError(
                .forbidden, code: "symbolic_link", message: "this link cannot be followed")
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .wouldBlock:
            HTTPError(
                .serviceUnavailable, code: "too_many_open_files",
                message: "this file cannot be opened now", fields: [("Retry-After", "1")])
        default: error
        }
    }

    /// Sends the client to the path with a slash. Two at the beginning would lead to another host.
    private func redirectToFolder(
        _ request: borrowing Request, _ response: inout Response
    ) throws {
        let view = request.view
        var location = Array(copying: view.bytes.extracting(view.line.path))
        while location.starts(with: "//".utf8) { location.removeFirst() }
        location.append(UInt8(ascii: "/"))
        if view.line.hasQuery {
            location.append(UInt8(ascii: "?"))
            location.append(copying: view.bytes.extracting(view.line.query))
        }
        try response.redirect(
            to: String(decoding: location, as: UTF8.self), status: .movedPermanently)
    }
}

/// The path of a request for a file.
struct FileTarget: ~Escapable {
    /// Behind the mount, as it came.
    let bytes: Span<UInt8>
    /// The path is that of the mount itself, and has no slash at its end.
    let lacksSlash: Bool

    @_lifetime(copy bytes)
    init(bytes: Span<UInt8>, lacksSlash: Bool) {
        self.bytes = bytes
        self.lacksSlash = lacksSlash
    }
}

extension Request {
    var fileTarget: FileTarget {
        @_lifetime(copy self)
        get {
            let path = view.bytes.extracting(pathRange)
            let tail = PathCapture(path, pattern: pattern).tail
            // A target without a path, such as `http://host`, means the root (RFC 9112 §3.2.2).
            let hasSlash = path.isEmpty || path[path.count - 1] == UInt8(ascii: "/")
            return FileTarget(
                bytes: path.extracting(tail), lacksSlash: tail.isEmpty && !hasSlash)
        }
    }
}
