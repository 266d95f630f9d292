internal import HTTP1
internal import HTTPEngine

/// The field lines of a request's head, looked up by name in any case (RFC 9110 §5.1).
public struct RequestFields: ~Escapable {
    private let view: RequestView

    @_lifetime(copy view)
    init(_ view: RequestView) {
        self.view = view
    }

    /// How many field lines there are.
    public var count: Int { view.fields.count }

    /// The value of the first line with this name; `nil` when there is none. O(lines).
    public subscript(name: String) -> String? {
        let wanted = name.utf8.span
        for index in 0..<view.fields.count where hasName(wanted, at: index) {
            return value(at: index)
        }
        return nil
    }

    /// The values of all lines with this name, in their order.
    public func all(_ name: String) -> [String] {
        let wanted = name.utf8.span
        var found: [String] = []
        for index in 0..<view.fields.count where hasName(wanted, at: index) {
            found.append(value(at: index))
        }
        return found
    }

    /// The name of the line at an index, as it came.
    public func name(at index: Int) -> String {
        String(copying: bytes(view.fields[index].name))
    }

    /// The value of the line at an index, without the blanks around it.
    public func value(at index: Int) -> String {
        String(copying: bytes(view.fields[index].value))
    }

    /// The name of the line at an index, as bytes.
    @_lifetime(copy self)
    func nameBytes(at index: Int) -> Span<UInt8> {
        bytes(view.fields[index].name)
    }

    /// The value of the line at an index, as bytes.
    @_lifetime(copy self)
    func valueBytes(at index: Int) -> Span<UInt8> {
        bytes(view.fields[index].value)
    }

    /// The first line with a name, given in lower case, at or behind an index.
    func index(of name: StaticString, from start: Int = 0) -> Int? {
        for index in start..<view.fields.count
        where bytes(view.fields[index].name).equalsIgnoringCase(name) {
            return index
        }
        return nil
    }

    /// The line with a name, given in lower case; `nil` when there is none, or more than one.
    func onlyIndex(of name: StaticString) -> Int? {
        guard let first = index(of: name), index(of: name, from: first + 1) == nil else {
            return nil
        }
        return first
    }

    private func hasName(_ wanted: Span<UInt8>, at index: Int) -> Bool {
        bytes(view.fields[index].name).isSameName(as: wanted)
    }

    @_lifetime(copy self)
    private func bytes(_ range: ByteRange) -> Span<UInt8> {
        view.bytes.extracting(range)
    }
}
