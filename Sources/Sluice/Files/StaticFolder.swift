internal import Containers
internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// The folder that static files lie in, opened once, and what is made of what is found there.
final class StaticFolder: Sendable {
    /// What a path leads to.
    enum Found: Sendable {
        case file(StaticEntry)
        /// A folder, whose path must end with a slash.
        case folderWithoutSlash
        /// A folder, by a path that ends with a slash, without an index.
        case folder
        /// A fifo, a socket or a device. It has not been opened.
        case other
    }

    let root: Folder
    let options: StaticFiles.Options
    let resolution: PathResolution
    private let cacheControl: [UInt8]?

    init(
        _ root: consuming Folder, _ options: StaticFiles.Options, resolution: PathResolution
    ) {
        self.root = root
        self.options = options
        self.resolution = resolution
        cacheControl = options.cacheControl.map { Array($0.utf8) }
    }

    // MARK: Loading

    /// Finds out what a path stands for. Blocks for a few system calls.
    ///
    /// - Parameter key: Behind the mount, decoded and checked.
    func load(_ key: [UInt8], at now: Instant) throws(Errno) -> Found {
        guard key.isEmpty || key.last == UInt8(ascii: "/") else {
            return try loadFile(key, key: key, at: now)
        }
        if let index = options.index {
            do throws(Errno) {
                let found = try loadFile(key + index.utf8, key: key, at: now)
                switch found {
                case .file, .other: return found
                case .folderWithoutSlash, .folder: break
                }
            } catch {
                guard error == .noSuchFile else { throw error }
            }
        }
        guard try root.info(beneath: key.span, resolution: resolution).kind == .directory else {
            throw .notDirectory
        }
        return .folder
    }

    private func loadFile(
        _ path: [UInt8], key: [UInt8], at now: Instant
    ) throws(Errno) -> Found {
        switch try root.openFile(beneath: path.span, resolution: resolution) {
        case .folder: return .folderWithoutSlash
        case .other: return .other
        case .file(let file, let info):
            var observations = [StaticEntry.Observation(path: path, info: info)]
            let siblings = openSiblings(of: path, info, &observations)
            let contentType = FileTypes.contentType(ofFileNamed: path.span)
            let facts = Facts(contentType, varies: !siblings.isEmpty, now: now)
            var representations = [represent(.identity, file, info, facts)]
            for sibling in siblings {
                guard let file = sibling.takeFile() else { continue }
                representations.append(represent(sibling.coding, file, sibling.info, facts))
            }
            return .file(
                StaticEntry(
                    key: key, representations: representations, observations: observations, at: now
                ))
        }
    }

    /// Whether everything is as it was when an entry was made. What cannot be found out, because
    /// there is no descriptor left for it, counts as unchanged.
    func isCurrent(_ entry: StaticEntry) -> Bool {
        for observation in entry.observations {
            do throws(Errno) {
                let info = try root.info(beneath: observation.path.span, resolution: resolution)
                guard info == observation.info else { return false }
            } catch {
                if error == .tooManyOpenFiles || error == .tooManyOpenFilesInSystem { continue }
                guard observation.info == nil else { return false }
            }
        }
        return true
    }

    /// Whether a file of so many bytes is kept in memory.
    func cachesContent(_ byteCount: Int) -> Bool {
        byteCount <= options.maxCachedFileBytes && byteCount <= options.maxCachedBytes
    }
}

// MARK: - Siblings

extension StaticFolder {
    /// An encoded sibling, open.
    private final class Sibling {
        let coding: StaticCoding
        let info: FileInfo
        private var file: FileDescriptor?

        init(_ coding: StaticCoding, _ file: consuming FileDescriptor, _ info: FileInfo) {
            self.coding = coding
            self.info = info
            self.file = consume file
        }

        func takeFile() -> FileDescriptor? { file.take() }
    }

    /// The encoded siblings that are worth sending, and what was seen of the others. One that is not
    /// shorter than the file is none.
    private func openSiblings(
        of path: [UInt8], _ info: FileInfo, _ observations: inout [StaticEntry.Observation]
    ) -> [Sibling] {
        guard options.usesPrecompressed, info.size > 0 else { return [] }
        var siblings: [Sibling] = []
        for coding in StaticCoding.siblings {
            let siblingPath = path + Array(copying: coding.suffix.span)
            var seen: FileInfo?
            do throws(Errno) {
                switch try root.openFile(beneath: siblingPath.span, resolution: resolution) {
                case .file(let file, let siblingInfo):
                    seen = siblingInfo
                    if siblingInfo.size > 0, siblingInfo.size < info.size {
                        siblings.append(Sibling(coding, file, siblingInfo))
                    }
                case .folder(let info): seen = info
                case .other: break
                }
            } catch {
                // What cannot be opened is not there.
            }
            observations.append(StaticEntry.Observation(path: siblingPath, info: seen))
        }
        return siblings
    }
}

// MARK: - Representations

extension StaticFolder {
    /// What all representations of a file share.
    private struct Facts {
        let contentType: [UInt8]
        let varies: Bool
        let now: Instant
        let wall = WallClock.now()

        init(_ contentType: [UInt8], varies: Bool, now: Instant) {
            self.contentType = contentType
            self.varies = varies
            self.now = now
        }
    }

    private func represent(
        _ coding: StaticCoding, _ file: consuming FileDescriptor, _ info: FileInfo, _ facts: Facts
    ) -> StaticRepresentation {
        let validators = Self.validators(of: info, facts.wall.seconds)
        let fields = StaticFields(
            contentType: facts.contentType, coding: coding, validators: validators,
            varies: facts.varies, cacheControl: cacheControl)
        let body: StaticRepresentation.Body
        if cachesContent(info.size), let content = Self.content(of: file, info) {
            body = .content(content)
        } else {
            let source = FileSource(file, warm: StaticWarming.warm)
            body = .file(source, FileBody(source, 0..<info.size))
        }
        return StaticRepresentation(
            coding, byteCount: info.size, body: body, contentType: facts.contentType,
            fields: fields, validators: validators, strongFrom: Self.strongFrom(info, facts))
    }

    /// The bytes of a small file; `nil` when they are not in memory, and the loop would have to wait
    /// for the disk, or when the file changes while it is read. Where nobody can tell what is in
    /// memory it is read as it is, because to send it would wait as well.
    private static func content(
        of file: borrowing FileDescriptor, _ info: FileInfo
    ) -> [UInt8]? {
        do throws(Errno) {
            let content = try [UInt8](capacity: info.size) { output throws(Errno) in
                while output.freeCapacity > 0 {
                    guard try appendPiece(of: file, to: &output) else { return }
                }
            }
            guard content.count == info.size, try file.info() == info else { return nil }
            return content
        } catch {
            return nil
        }
    }

    /// False when there is no more, or when it is not in memory.
    private static func appendPiece(
        of file: borrowing FileDescriptor, to output: inout OutputSpan<UInt8>
    ) throws(Errno) -> Bool {
        let offset = output.count
        var result = try file.readWithoutWaiting(at: offset, into: &output)
        if result == nil { result = try file.read(at: offset, into: &output) }
        guard case .bytes = result else { return false }
        return true
    }

    /// A tag of what changes when the bytes do, and the time of change.
    private static func validators(of info: FileInfo, _ now: Int64) -> Validators {
        let parts = [
            info.inode, UInt64(info.size), UInt64(bitPattern: info.modifiedSeconds),
            UInt64(info.modifiedNanoseconds),
        ]
        let tag = parts.map { String($0, radix: 16) }.joined(separator: "-")
        // A time in the future would be a lie (RFC 9110 §8.8.2.1).
        let seconds = min(info.modifiedSeconds, now)
        return Validators(
            entityTag: EntityTag(known: tag, isWeak: false),
            lastModifiedUnixSeconds: HTTPDate.range.contains(seconds) ? Int(seconds) : nil)
    }

    /// Nanoseconds that a file has to stand unchanged before its tag is strong: as long as times of
    /// change may be rounded, on the worst of usual file systems (FAT).
    private static let strongAge: Int64 = 2_000_000_000

    /// A file that seems to come from the future stays weak until then; what is far off is as good
    /// as never.
    private static func strongFrom(_ info: FileInfo, _ facts: Facts) -> Instant {
        let seconds = max(-1_000_000, min(info.modifiedSeconds - facts.wall.seconds, 1_000_000_000))
        let sinceNow =
            seconds * 1_000_000_000 + Int64(info.modifiedNanoseconds) - facts.wall.nanoseconds
            + strongAge
        return sinceNow <= 0 ? facts.now : facts.now + UInt64(sinceNow)
    }
}
