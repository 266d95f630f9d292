/// What a pattern's parameters and its star stand for in a path.
///
/// Nothing is recorded while a path is looked up: the two texts are walked side by side when a
/// handler asks, which is O(path) and costs a request whose handler does not ask nothing.
struct PathCapture: ~Escapable {
    private let path: Span<UInt8>
    private let pattern: Span<UInt8>
    private let isForgiving: Bool

    /// - Parameter pattern: As `RouteTable.pattern` has it; empty: there is no route.
    @_lifetime(copy path, copy pattern)
    init(_ path: Span<UInt8>, pattern: Span<UInt8>) {
        self.path = path
        self.pattern = pattern.isEmpty ? pattern : pattern.extracting(1...)
        isForgiving = !pattern.isEmpty && pattern[0] == 1
    }

    /// What a name stands for.
    enum Value {
        /// One segment, encoded.
        case segment(Range<Int>)
        /// The tail.
        case rest
        /// The pattern has no such name.
        case unknown
    }

    /// What a parameter stands for in the path.
    func value(of name: Span<UInt8>) -> Value {
        var offset = 1
        var mark = 1
        while let part = pattern.segment(from: mark, isForgiving: false) {
            mark = part.upperBound + 1
            if isStar(part) {
                return isCalled(name, part, dots: 3) ? .rest : .unknown
            }
            guard let segment = path.segment(from: offset, isForgiving: isForgiving) else {
                return .unknown
            }
            offset = segment.upperBound + 1
            if isParameter(part), isCalled(name, part, dots: 0) { return .segment(segment) }
        }
        return .unknown
    }

    /// What the star stands for, encoded and with all its slashes; empty where there is no star.
    var tail: Range<Int> {
        var offset = 1
        var mark = 1
        while let part = pattern.segment(from: mark, isForgiving: false) {
            if isStar(part) { return tail(from: min(offset, path.count), star: part) }
            mark = part.upperBound + 1
            guard let segment = path.segment(from: offset, isForgiving: isForgiving) else { break }
            offset = segment.upperBound + 1
        }
        return 0..<0
    }

    /// The tail's segments that are not empty, in their order.
    func forEachTailSegment(_ body: (Range<Int>) -> Void) {
        let tail = tail
        var offset = tail.lowerBound
        while offset < tail.upperBound {
            let end = min(path.endOfSegment(from: offset), tail.upperBound)
            if end > offset { body(offset..<end) }
            offset = end + 1
        }
    }

    private func tail(from start: Int, star: Range<Int>) -> Range<Int> {
        var end = path.count
        var mark = pattern.count
        while let part = pattern.segment(
            endingAt: mark, from: star.upperBound + 1, isForgiving: false),
            let segment = path.segment(endingAt: end, from: start, isForgiving: isForgiving)
        {
            mark = part.lowerBound - 1
            end = segment.lowerBound - 1
        }
        let suffixCount =
            pattern[star.lowerBound] == UInt8(ascii: "*")
            ? pattern.decodedByteCount((star.lowerBound + 1)..<star.upperBound) : 0
        if suffixCount > 0,
            let last = path.segment(endingAt: end, from: start, isForgiving: isForgiving)
        {
            end = path.offset(behind: path.decodedByteCount(last) - suffixCount, in: last)
        }
        return start..<max(start, end)
    }

    private func isStar(_ part: Range<Int>) -> Bool {
        guard !part.isEmpty else { return false }
        return pattern[part.lowerBound] == UInt8(ascii: "*")
            || (isParameter(part) && pattern[part.upperBound - 2] == UInt8(ascii: "."))
    }

    private func isParameter(_ part: Range<Int>) -> Bool {
        !part.isEmpty && pattern[part.lowerBound] == UInt8(ascii: "{")
    }

    /// Whether a part is `{name}`, or that with some dots behind the name.
    private func isCalled(_ name: Span<UInt8>, _ part: Range<Int>, dots: Int) -> Bool {
        guard isParameter(part), part.count == name.count + 2 + dots else { return false }
        for index in name.indices where pattern[part.lowerBound + 1 + index] != name[index] {
            return false
        }
        return true
    }
}
