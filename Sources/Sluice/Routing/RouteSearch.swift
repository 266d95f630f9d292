// Theory of operation
//
// The tree has a node for every run of segments that some pattern begins with. A search goes down
// along a path and yields the rows that match it, the most specific first; at every node in this
// order:
//
//     the path ends here      → the pattern that ends here, strict before forgiving
//     a child for the segment → down
//     a child for {name}      → down
//     the node's stars        → each that matches, the longest text first
//     nothing left            → back up to what the node above has not tried
//
//          root ── v1 ── queue ── {name} ── start      /v1/queue/{name}/start
//            │      │      └───── *                    /v1/queue/*
//            │      └──────────── */start              /v1/*/start
//            └─────────────────── *.data               *.data
//
// It is a tree, so a search enters every node at most once, and at depth d no more than 2^d nodes:
// a look-up costs at most O(nodes × segment length + stars × their text) however long the path is,
// and for a client it is a bound that the program's own routes set. It backtracks only where a
// literal and a `{name}`, or a star, compete for the same segment.

/// Where a text stands among others. Not `HTTP1.ByteRange`: its members are calls from here.
struct TextRange: BitwiseCopyable {
    var start: Int32 = 0
    var count: Int32 = 0

    var bounds: Range<Int> { Int(start)..<(Int(start) + Int(count)) }
}

/// A node of the tree of routes.
struct RouteNode: BitwiseCopyable {
    /// The row of the strict pattern that ends here; −1: none.
    var strictRow: Int32 = -1
    /// The row of the forgiving pattern that ends here; −1: none.
    var forgivingRow: Int32 = -1
    /// The child for any segment that is not empty; −1: none.
    var parameter: Int32 = -1
    var hasLiterals = false
    /// Where its stars stand in the table.
    var firstStar: Int32 = 0
    var starCount: Int32 = 0

    /// A child for one literal segment.
    struct Child: BitwiseCopyable {
        var parent: Int32 = -1
        /// −1: a free slot.
        var node: Int32 = -1
        var tag: UInt32 = 0
        var text = TextRange()
    }

    /// A star, and what has to follow it.
    struct Star: BitwiseCopyable {
        var row: Int32
        /// What its own segment ends with, in the table's texts.
        var suffix: TextRange
        /// The segments behind it, in the table's `starTails`.
        var firstTail: Int32
        var tailCount: Int32
    }
}

/// Where a search through the tree stands.
struct RouteSearch: BitwiseCopyable {
    /// A node on the way down, and what of it comes next.
    fileprivate struct Frame: BitwiseCopyable {
        var node: Int32
        /// Where the node's next segment begins: behind a slash, or behind the path's end.
        var offset: Int32
        /// One of the steps below, or the index of a star.
        var step: Int32
    }

    fileprivate static let enter: Int32 = -3
    fileprivate static let forgivingEnd: Int32 = -2
    fileprivate static let parameter: Int32 = -1

    /// Whether empty segments of the path do not count.
    let isForgiving: Bool

    /// A pattern has no more segments, so the tree is no deeper.
    fileprivate var frames = InlineArray<33, Frame>(
        repeating: Frame(node: 0, offset: 1, step: RouteSearch.enter))

    /// The index of the last frame; −1 when the search is over.
    fileprivate var depth = 0

    init(isForgiving: Bool) {
        self.isForgiving = isForgiving
    }

    fileprivate mutating func descend(to node: Int32, behind segment: Range<Int>) {
        depth += 1
        frames[depth] = Frame(
            node: node, offset: Int32(segment.upperBound + 1), step: RouteSearch.enter)
    }
}

extension RouteTable {
    /// The next row that matches a path; `nil` when there is no other. O(1) memory.
    func next(of search: inout RouteSearch, in path: Span<UInt8>) -> Int? {
        while search.depth >= 0 {
            let depth = search.depth
            let frame = search.frames[depth]
            let node = nodes[Int(frame.node)]
            switch frame.step {
            case RouteSearch.enter:
                if let segment = path.segment(
                    from: Int(frame.offset), isForgiving: search.isForgiving)
                {
                    search.frames[depth].step = RouteSearch.parameter
                    guard node.hasLiterals else { continue }
                    let child = child(of: Int(frame.node), for: segment, of: path)
                    if child >= 0 { search.descend(to: child, behind: segment) }
                } else {
                    search.frames[depth].step = RouteSearch.forgivingEnd
                    if node.strictRow >= 0 { return Int(node.strictRow) }
                }
            case RouteSearch.forgivingEnd:
                search.frames[depth].step = 0
                if node.forgivingRow >= 0 { return Int(node.forgivingRow) }
            case RouteSearch.parameter:
                search.frames[depth].step = 0
                guard node.parameter >= 0,
                    let segment = path.segment(
                        from: Int(frame.offset), isForgiving: search.isForgiving),
                    !segment.isEmpty
                else { continue }
                search.descend(to: node.parameter, behind: segment)
            default:
                guard frame.step < node.starCount else {
                    search.depth -= 1
                    continue
                }
                search.frames[depth].step += 1
                let star = stars[Int(node.firstStar + frame.step)]
                if matches(star, from: Int(frame.offset), of: path, search.isForgiving) {
                    return Int(star.row)
                }
            }
        }
        return nil
    }

    /// The child for a literal segment; −1 when there is none.
    private func child(of node: Int, for segment: Range<Int>, of path: Span<UInt8>) -> Int32 {
        var hash = PathHash(at: node)
        var offset = segment.lowerBound
        while offset < segment.upperBound {
            hash.add(path.decodedByte(at: &offset, end: segment.upperBound))
        }
        var slot = hash.slot(among: childSlots.count)
        while childSlots[slot].node >= 0 {
            let child = childSlots[slot]
            if child.tag == hash.tag, Int(child.parent) == node,
                path.isEqual(segment, decodedTo: texts.span.extracting(child.text.bounds))
            {
                return child.node
            }
            slot = (slot + 1) & (childSlots.count - 1)
        }
        return -1
    }

    /// Whether the rest of a path ends with what follows a star.
    private func matches(
        _ star: RouteNode.Star, from floor: Int, of path: Span<UInt8>, _ isForgiving: Bool
    ) -> Bool {
        var end = path.count
        var index = Int(star.firstTail + star.tailCount)
        while index > Int(star.firstTail) {
            index -= 1
            guard
                let segment = path.segment(
                    endingAt: end, from: floor, isForgiving: isForgiving),
                path.isEqual(segment, decodedTo: texts.span.extracting(starTails[index].bounds))
            else { return false }
            end = segment.lowerBound - 1
        }
        guard star.suffix.count > 0 else { return true }
        guard let last = path.segment(endingAt: end, from: floor, isForgiving: isForgiving)
        else { return false }
        let stemCount = path.decodedByteCount(last) - Int(star.suffix.count)
        guard stemCount >= 0 else { return false }
        let stemEnd = path.offset(behind: stemCount, in: last)
        return path.isEqual(
            stemEnd..<last.upperBound, decodedTo: texts.span.extracting(star.suffix.bounds))
    }
}
