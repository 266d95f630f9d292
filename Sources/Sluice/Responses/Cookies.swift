internal import HTTP1
internal import HTTPEngine

/// The cookies of a request: the pairs of all its `Cookie` lines (RFC 6265 §4.2.1, §5.4), looked up
/// without a copy.
///
/// Names have their case. Values are as they came: quotation marks belong to them, and nothing is
/// decoded, because cookies have no encoding of their own. Several cookies of one name can come, the
/// one with the longest path first. What has no `=` is passed over, as is an empty name. The work is
/// bounded by `ServerConfiguration.maxHeaderBytes`.
public struct Cookies: ~Escapable {
    private let view: RequestView

    @_lifetime(copy view)
    init(_ view: RequestView) {
        self.view = view
    }

    /// The first value of a name; `nil` when there is no such cookie. O(n).
    public subscript(name: String) -> String? {
        let wanted = name.utf8.span
        var walk = CookieWalk()
        while let cookie = walk.next(in: view) {
            if view.bytes.extracting(cookie.name).isSame(as: wanted) {
                return String(copying: view.bytes.extracting(cookie.value))
            }
        }
        return nil
    }

    /// All values of a name, in their order. O(n).
    public func values(of name: String) -> [String] {
        let wanted = name.utf8.span
        var values: [String] = []
        var walk = CookieWalk()
        while let cookie = walk.next(in: view) {
            if view.bytes.extracting(cookie.name).isSame(as: wanted) {
                values.append(String(copying: view.bytes.extracting(cookie.value)))
            }
        }
        return values
    }

    /// All cookies, in their order. O(n), allocates.
    public var all: [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        var walk = CookieWalk()
        while let cookie = walk.next(in: view) {
            all.append(
                (
                    String(copying: view.bytes.extracting(cookie.name)),
                    String(copying: view.bytes.extracting(cookie.value))
                ))
        }
        return all
    }
}

extension Request {
    /// The cookies that came with the request.
    public var cookies: Cookies {
        @_lifetime(copy self)
        get { Cookies(view) }
    }
}

/// Goes from cookie to cookie.
private struct CookieWalk {
    private var line = 0
    /// Where to go on in the bytes; `nil` at the beginning of a line.
    private var offset: Int?

    /// The next cookie with a name, as ranges of the head's bytes.
    mutating func next(in view: RequestView) -> (name: Range<Int>, value: Range<Int>)? {
        while line < view.fields.count {
            let field = view.fields[line]
            guard view.bytes.extracting(field.name).equalsIgnoringCase("cookie") else {
                line += 1
                continue
            }
            let end = field.value.endOffset
            var start = offset ?? field.value.startOffset
            while start < end {
                var stop = start
                while stop < end, view.bytes[stop] != UInt8(ascii: ";") { stop += 1 }
                let pair = view.bytes.trimmed(start..<stop)
                start = stop + 1
                guard let equals = view.bytes.firstIndex(of: UInt8(ascii: "="), in: pair) else {
                    continue
                }
                let name = view.bytes.trimmed(pair.lowerBound..<equals)
                guard !name.isEmpty else { continue }
                offset = start
                return (name, view.bytes.trimmed(equals + 1..<pair.upperBound))
            }
            offset = nil
            line += 1
        }
        return nil
    }
}
