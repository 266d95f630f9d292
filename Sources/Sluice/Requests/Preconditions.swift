internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// What names the present state of a representation: what clients hold theirs against
/// (RFC 9110 §8.8).
public struct Validators: Hashable, Sendable {
    /// The value of `ETag`; `nil`: there is none.
    public var entityTag: EntityTag?

    /// When it was last changed, in seconds since 1970; `nil`: nobody knows.
    public var lastModifiedUnixSeconds: Int?

    /// Some validators.
    public init(entityTag: EntityTag? = nil, lastModifiedUnixSeconds: Int? = nil) {
        self.entityTag = entityTag
        self.lastModifiedUnixSeconds = lastModifiedUnixSeconds
    }
}

/// What a conditional request comes to.
public enum PreconditionResult: Hashable, Sendable {
    /// All conditions hold, or there are none: answer as usual.
    case proceed
    /// The client has it already: 304.
    case notModified
    /// The client has taken something else for granted: 412, and nothing is done.
    case failed
}

extension Request {
    /// Holds the conditions of the request against what is there, in the order of RFC 9110 §13.2.2:
    /// `If-Match`, else `If-Unmodified-Since`; then `If-None-Match`, else `If-Modified-Since`.
    ///
    ///     let validators = Validators(entityTag: EntityTag(value: "\(note.version)"))
    ///     switch request.evaluate(validators) {
    ///     case .proceed: try response.setValidators(validators)
    ///     case .notModified: …
    ///     case .failed: throw HTTPError(.preconditionFailed)
    ///     }
    ///
    /// A date that is none, or that stands there twice, is as if it had not come, and so is a date
    /// where nothing is known about when something was changed. O(head), allocates nothing.
    ///
    /// - Parameter validators: Those of what an answer of 200 would bring; `nil`: there is nothing,
    ///   so that `If-None-Match: *` of a PUT holds.
    public func evaluate(_ validators: Validators?) -> PreconditionResult {
        Preconditions(view).evaluate(validators)
    }
}

extension Response {
    /// Sets `ETag` and `Last-Modified`, those of them that are there.
    ///
    /// - Throws: `InvalidField` when the time is not in the years 0 to 9999.
    public mutating func setValidators(_ validators: Validators) throws(InvalidField) {
        if let tag = validators.entityTag { try setField("ETag", tag.description) }
        guard let seconds = validators.lastModifiedUnixSeconds else { return }
        guard HTTPDate.range.contains(Int64(seconds)) else {
            throw InvalidField(
                name: "Last-Modified",
                description: "field Last-Modified: \(seconds) is not in the years 0 to 9999")
        }
        try setField("Last-Modified", HTTPDate.text(secondsSince1970: Int64(seconds)))
    }
}

/// The conditions of one request (RFC 9110 §13).
struct Preconditions: ~Escapable {
    /// A representation may change twice in the second that its time of change names, so the time
    /// says for certain which one is meant only so long after it (RFC 9110 §8.8.2.2).
    static let strongDateAge = 2

    private let fields: RequestFields
    private let method: RequestMethod

    @_lifetime(copy view)
    init(_ view: RequestView) {
        fields = RequestFields(view)
        method = view.line.method
    }

    func evaluate(_ validators: Validators?) -> PreconditionResult {
        switch method {
        case .connect, .options, .trace: return .proceed  // They select nothing (§13.2.1).
        case .get, .head, .post, .put, .delete, .patch, .other: break
        }
        if has("if-match") {
            guard ifMatch(validators) else { return .failed }
        } else if let date = date("if-unmodified-since"),
            let changed = validators?.lastModifiedUnixSeconds, Int64(changed) > date
        {
            return .failed
        }
        if has("if-none-match") {
            guard ifNoneMatch(validators) else { return isRead ? .notModified : .failed }
        } else if isRead, let date = date("if-modified-since"),
            let changed = validators?.lastModifiedUnixSeconds, Int64(changed) <= date
        {
            return .notModified
        }
        return .proceed
    }

    /// Whether `Range` counts, as far as `If-Range` is concerned: it names exactly the bytes that
    /// are there (RFC 9110 §13.1.5), or it has not come.
    func allowsRange(of validators: Validators) -> Bool {
        guard has("if-range") else { return true }
        guard let index = fields.onlyIndex(of: "if-range") else { return false }
        let value = fields.valueBytes(at: index)
        if case .tag(let range, let isWeak, let end) = value.entityTag(from: 0, to: value.count) {
            guard let tag = validators.entityTag, end == value.count else { return false }
            return !isWeak && !tag.isWeak && value.extracting(range).isEqual(to: tag.value)
        }
        let now = WallClock.now().seconds
        guard let changed = validators.lastModifiedUnixSeconds,
            HTTPDate.parse(value, now: now) == Int64(changed)
        else { return false }
        return now - Int64(changed) >= Int64(Self.strongDateAge)
    }

    private var isRead: Bool {
        switch method {
        case .get, .head: true
        case .post, .put, .delete, .patch, .connect, .options, .trace, .other: false
        }
    }

    private func has(_ name: StaticString) -> Bool { fields.index(of: name) != nil }

    /// Strong comparison (§13.1.1): who changes something must have seen every byte of it.
    private func ifMatch(_ validators: Validators?) -> Bool {
        guard let validators else { return false }
        let tag = validators.entityTag
        return hasTag(in: "if-match") { value, isWeak in
            guard let tag else { return false }
            return !isWeak && !tag.isWeak && value.isEqual(to: tag.value)
        }
    }

    /// Weak comparison (§13.1.2): what a client has is good enough.
    private func ifNoneMatch(_ validators: Validators?) -> Bool {
        guard let validators else { return true }
        let tag = validators.entityTag
        return !hasTag(in: "if-none-match") { value, _ in
            guard let tag else { return false }
            return value.isEqual(to: tag.value)
        }
    }

    /// Whether one of all lines of a field holds a tag that fits, or `*`.
    private func hasTag(
        in name: StaticString, where fits: (_ value: Span<UInt8>, _ isWeak: Bool) -> Bool
    ) -> Bool {
        var start = 0
        while let index = fields.index(of: name, from: start) {
            if fields.valueBytes(at: index).hasEntityTag(where: fits) { return true }
            start = index + 1
        }
        return false
    }

    /// The date that a field names; `nil` when it is not there, there twice, or no date.
    private func date(_ name: StaticString) -> Int64? {
        guard let index = fields.onlyIndex(of: name) else { return nil }
        return HTTPDate.parse(fields.valueBytes(at: index), now: WallClock.now().seconds)
    }
}

extension Span where Element == UInt8 {
    /// Whether these are the bytes of a text.
    fileprivate func isEqual(to text: String) -> Bool {
        isEqual(to: text.utf8.span)
    }

    /// Whether these are the same bytes.
    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
