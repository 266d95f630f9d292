internal import HTTP1
internal import HTTPEngine
internal import Synchronization
internal import Syscalls

/// What a path stands for: a file, and its encoded siblings, as they were when they were last looked
/// at. It does not change; when the file does, another entry takes its place.
final class StaticEntry: Sendable {
    /// A path beneath the folder, and what was there; `nil`: nothing.
    struct Observation: Sendable {
        let path: [UInt8]
        let info: FileInfo?
    }

    /// Behind the mount, percent-decoded; that of a folder, whose index it is, ends with a slash or
    /// is empty.
    let key: [UInt8]

    /// The file itself first, then its siblings, the better coding first. Never empty.
    let representations: [StaticRepresentation]

    /// What must be as it was for this to be true.
    let observations: [Observation]

    let loaded: Instant
    let openFileCount: Int
    let contentByteCount: Int

    /// When the file system was asked last, in nanoseconds.
    private let checked: Atomic<UInt64>

    /// Nanoseconds for which nobody asks the file system, usually.
    static let checkInterval: UInt64 = 1_000_000_000

    /// Nanoseconds after which a file is opened anew, even where it looks the same: rights may have
    /// changed, and a change within one tick of the file system's clock cannot be seen.
    static let lifetime: UInt64 = 60_000_000_000

    init(
        key: [UInt8], representations: [StaticRepresentation], observations: [Observation],
        at now: Instant
    ) {
        precondition(!representations.isEmpty, "a path stands for a file")
        self.key = key
        self.representations = representations
        self.observations = observations
        loaded = now
        openFileCount = representations.count { $0.body.isOpen }
        contentByteCount = representations.reduce(0) { $0 + $1.body.contentByteCount }
        checked = Atomic(now.nanoseconds)
    }

    /// Whether it is time to ask the file system: true for one of all threads that ask at a time.
    func takeCheck(at now: Instant, every interval: UInt64) -> Bool {
        let last = checked.load(ordering: .relaxed)
        guard now >= Instant(nanoseconds: last) + interval else { return false }
        return checked.compareExchange(
            expected: last, desired: now.nanoseconds, ordering: .relaxed
        ).exchanged
    }

    /// Whether it must be opened anew, however it looks.
    func isOutdated(at now: Instant) -> Bool { now >= loaded + Self.lifetime }

    /// Whether a loader would now find something that it could not when it was made: a content that
    /// was not in memory, or one that may have changed once more in the same tick.
    func isUnsettled(_ cachesContent: (Int) -> Bool) -> Bool {
        representations.contains { representation in
            if representation.strongFrom > loaded { return true }
            return representation.body.isOpen && cachesContent(representation.byteCount)
        }
    }
}

/// One form in which a file can be sent: as it is, or in a content coding (RFC 9110 §8.4).
final class StaticRepresentation: Sendable {
    /// Where its bytes are.
    enum Body: Sendable {
        case content([UInt8])
        /// The file, and all of it as a body, which can be that of many answers.
        case file(FileSource, FileBody)

        var isOpen: Bool {
            if case .file = self { true } else { false }
        }

        var contentByteCount: Int {
            if case .content(let bytes) = self { bytes.count } else { 0 }
        }
    }

    let coding: StaticCoding
    let byteCount: Int
    let body: Body
    /// The type, as it stands in its field.
    let contentType: [UInt8]
    let fields: StaticFields
    /// With its strong tag.
    let validators: Validators
    /// Until then the file is so young that it may change once more without a sign of it, so its tag
    /// is weak (RFC 9110 §8.8.1).
    let strongFrom: Instant

    init(
        _ coding: StaticCoding, byteCount: Int, body: Body, contentType: [UInt8],
        fields: StaticFields, validators: Validators, strongFrom: Instant
    ) {
        self.coding = coding
        self.byteCount = byteCount
        self.body = body
        self.contentType = contentType
        self.fields = fields
        self.validators = validators
        self.strongFrom = strongFrom
    }

    /// The validators as they are at a moment.
    func validators(at now: Instant) -> Validators {
        guard now < strongFrom, let tag = validators.entityTag else { return validators }
        return Validators(
            entityTag: EntityTag(known: tag.value, isWeak: true),
            lastModifiedUnixSeconds: validators.lastModifiedUnixSeconds)
    }
}

/// The field lines of all answers with one representation, encoded once.
struct StaticFields: Sendable {
    /// All lines of a 200, with the strong tag:
    ///
    ///     Content-Type                                        typeEnd
    ///     Content-Encoding, Last-Modified, Accept-Ranges, …   cacheStart
    ///     ETag, Cache-Control, Vary
    let strong: [UInt8]
    /// The same with the weak tag.
    let weak: [UInt8]
    /// Where the type's line ends.
    let typeEnd: Int
    /// Where the lines begin that a 304 has, too (RFC 9110 §15.4.5).
    let cacheStart: Int

    init(
        contentType: [UInt8], coding: StaticCoding, validators: Validators, varies: Bool,
        cacheControl: [UInt8]?
    ) {
        func line(_ name: String, _ value: some Sequence<UInt8>) -> [UInt8] {
            Array("\(name): ".utf8) + value + "\r\n".utf8
        }
        var lines = line("Content-Type", contentType)
        typeEnd = lines.count
        if let name = coding.name { lines += line("Content-Encoding", "\(name)".utf8) }
        if let seconds = validators.lastModifiedUnixSeconds {
            let text = HTTPDate.text(secondsSince1970: Int64(seconds))
            lines += line("Last-Modified", text.utf8)
        }
        lines += line("Accept-Ranges", "bytes".utf8)
        lines += line("X-Content-Type-Options", "nosniff".utf8)
        cacheStart = lines.count
        var ending = cacheControl.map { line("Cache-Control", $0) } ?? []
        if varies { ending += line("Vary", "Accept-Encoding".utf8) }
        guard let tag = validators.entityTag else {
            (strong, weak) = (lines + ending, lines + ending)
            return
        }
        let weakTag = EntityTag(known: tag.value, isWeak: true)
        strong = lines + line("ETag", tag.description.utf8) + ending
        weak = lines + line("ETag", weakTag.description.utf8) + ending
    }
}
