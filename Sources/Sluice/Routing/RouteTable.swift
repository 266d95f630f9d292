internal import HTTP1

/// Routes by path, then by method. Made once, then only looked up: by bytes, without a `String`, an
/// allocation or a recursion.
///
/// Rows are patterns, from the most specific to the least, so that of two rows that match, the one
/// with the smaller index comes first. A path that some pattern spells byte by byte is found by one
/// hash; any other goes through a tree of segments (`RouteSearch`). Both cost the same among ten
/// routes as among thousands.
struct RouteTable: Sendable {
    /// One pattern.
    struct Row: BitwiseCopyable {
        /// Where its text stands in `patterns`.
        var pattern: TextRange
        /// Known methods with a handler, as bits by the parser's codes.
        var methods: UInt16
        var isForgiving: Bool
        var redirects: Bool
        /// Answers 404 and ends the search: a method of a service that is mapped elsewhere.
        var isHidden: Bool
    }

    /// What belongs to one handler.
    struct Target: BitwiseCopyable {
        /// Where its row's pattern stands in `patterns`.
        var pattern: TextRange
        /// Bytes of a body; −1: the server's limit.
        var maxBodyByteCount: Int
        /// What stands around it in `middleware`, the outermost first.
        var middleware: MiddlewareRange
        /// Its handler is synchronous, and nothing stands around it: the usual case.
        var isPlain: Bool
    }

    /// A path without parameters and stars, as it stands in `texts`.
    struct Literal: BitwiseCopyable {
        var text: TextRange
        var row: Int32
        var tag: UInt32 = 0
    }

    /// A handler of a method that the parser does not know by name.
    struct OtherMethod: Sendable {
        let name: [UInt8]
        let target: Int32
    }

    var rows: [Row] = []
    /// Texts of patterns, each behind a byte that is 1 when the pattern is forgiving.
    var patterns: [UInt8] = []

    /// The synchronous handlers of plain targets; what stands in the other places is never called.
    var handlers: [SynchronousHandler] = []
    var targets: [Target] = []

    /// What stands around handlers, that of one handler in a row; that of the router first.
    var middleware: [any Middleware] = []
    var routerMiddleware = MiddlewareRange()

    /// What only targets that are not plain need, by target.
    var details: [TargetDetails] = []

    /// What observers call them, by target; the last is for what no route is there for.
    var labels: [RouteLabel] = [.unmatched]

    /// Handlers by row and method; −1: none. The last column is for methods that the parser does
    /// not know. HEAD has GET's, and every method that of a route for any, where it has no own.
    var columns: [Int32] = []

    /// Handlers of methods of the user's own, by row.
    var others: [[OtherMethod]] = []

    /// Bytes that paths are compared with, one text behind the other.
    var texts: [UInt8] = []

    var literals: [Literal] = []

    /// The row of `/`, which is asked for more than anything else; −1: there is none.
    var rootRow: Int32 = -1

    /// Open addressing over `literals`; −1 is free. At most half full.
    var literalSlots: [Int32] = []

    /// The tree; the root is first.
    var nodes: [RouteNode] = []

    /// Open addressing over all nodes' literal children; a free slot has no node. At most half full.
    var childSlots: [RouteNode.Child] = []

    /// The stars of each node in a row, the most specific first.
    var stars: [RouteNode.Star] = []

    /// The segments behind stars.
    var starTails: [TextRange] = []

    /// Whether the tree knows no clean path without `%` that `literals` does not.
    var hasOnlyLiterals = false

    /// Whether some row forgives slashes, so that unclean paths need a second search.
    var hasForgivingRows = false

    /// What only refusals look at, apart: a large value that is borrowed from a class's stored
    /// property is copied to the stack first.
    var refusals = RouteRefusals()

    /// `RequestMethod.allCases.count`, which is computed at run time.
    static var columnCount: Int { 10 }

    /// What a look-up says instead of a handler's index: patterns match, but none has the method.
    static let noMethod = -1

    /// What a look-up says instead of a handler's index: no pattern matches.
    static let noPath = -2

    // MARK: Looking up

    /// The handler of a path that a pattern spells byte by byte, which is the most specific there
    /// is; −1 when there is none for this method, which says nothing yet. O(path). Inlined, as a table
    /// that a call borrows is copied first.
    @inline(__always)
    func findSpelled(_ path: Span<UInt8>, _ method: RequestMethod) -> Int {
        // A method of the user's own is too rare to be looked for twice. (`==` would go through the
        // conformance, which lies in another module.)
        if case .other = method { return -1 }
        let row = literalRow(of: path)
        guard row >= 0 else { return -1 }
        return Int(columns[row * Self.columnCount + Int(method.rawValue)])
    }

    /// The handler of a path and a method, of the most specific row that has one; `noMethod` or
    /// `noPath` where there is none. Costs what `RouteSearch` says.
    ///
    /// - Parameter name: The method's name, looked at only for `.other`.
    func find(_ path: Span<UInt8>, _ method: RequestMethod, name: Span<UInt8>) -> Int {
        let isUnclean = path.hasUncleanSlashes
        if hasOnlyLiterals, !isUnclean, !path.hasPercentSign {
            let row = literalRow(of: path)
            return row < 0 ? Self.noPath : target(at: row, method, name)
        }
        var best = first(path, method, name, isForgiving: false, isOneKind: isUnclean)
        if isUnclean, hasForgivingRows {
            let other = first(path, method, name, isForgiving: true, isOneKind: true)
            if best < 0 {
                best = max(best, other)
            } else if other >= 0 {
                best = min(best, other)
            }
        }
        guard best >= 0 else { return best }
        return rows[best].isHidden ? Self.noMethod : target(at: best, method, name)
    }

    /// The handler's index; −1 when the row has none for this method.
    private func target(at row: Int, _ method: RequestMethod, _ name: Span<UInt8>) -> Int {
        if case .other = method {
            for other in others[row] where Self.isEqual(other.name.span, name) {
                return Int(other.target)
            }
        }
        return Int(columns[row * Self.columnCount + Int(method.rawValue)])
    }

    /// The first row of a search that has the method, or that hides what comes behind it;
    /// `noMethod` or `noPath` when there is none.
    private func first(
        _ path: Span<UInt8>, _ method: RequestMethod, _ name: Span<UInt8>, isForgiving: Bool,
        isOneKind: Bool
    ) -> Int {
        var search = RouteSearch(isForgiving: isForgiving)
        var result = Self.noPath
        while let row = next(of: &search, in: path) {
            if isOneKind, rows[row].isForgiving != isForgiving { continue }
            if rows[row].isHidden || target(at: row, method, name) >= 0 { return row }
            result = Self.noMethod
        }
        return result
    }

    /// The value of `Allow` for a path (RFC 9110 §10.2.1): every method that would be answered
    /// there; `nil` where nothing would. Allocates only where several rows match.
    func allow(at path: Span<UInt8>) -> String? {
        if !path.hasUncleanSlashes {
            var search = RouteSearch(isForgiving: false)
            guard let row = next(of: &search, in: path) else { return nil }
            if next(of: &search, in: path) == nil {
                return rows[row].isHidden ? nil : refusals.rowAllows[row]
            }
        }
        let rows = allRows(of: path)
        return rows.isEmpty ? nil : allow(of: rows)
    }

    /// All rows that match a path, the most specific first; none behind one that hides them.
    /// Allocates: for answers that refuse.
    func allRows(of path: Span<UInt8>) -> [Int] {
        let isUnclean = path.hasUncleanSlashes
        var found: [Int] = []
        for isForgiving in isUnclean ? [false, true] : [false] {
            var search = RouteSearch(isForgiving: isForgiving)
            while let row = next(of: &search, in: path) {
                if !isUnclean || rows[row].isForgiving == isForgiving { found.append(row) }
            }
        }
        found.sort()
        return Array(found.prefix { !rows[$0].isHidden })
    }

    /// What stands around the answer to a path whose routes have not the method: what stands around
    /// its most specific route.
    func middleware(at path: Span<UInt8>) -> MiddlewareRange {
        for row in allRows(of: path) {
            let columns = columns[(row * Self.columnCount)..<((row + 1) * Self.columnCount)]
            if let target = columns.first(where: { $0 >= 0 }) ?? others[row].first?.target {
                return targets[Int(target)].middleware
            }
        }
        return routerMiddleware
    }

    // MARK: Allow

    /// Whether some row has this method of the user's own.
    func knows(_ name: Span<UInt8>) -> Bool {
        for known in refusals.otherNames where Self.isEqual(known.span, name) { return true }
        return false
    }

    /// The value of `Allow` where some rows match.
    func allow(of rows: some Sequence<Int>) -> String {
        var methods = UInt16(1) << RequestMethod.options.rawValue
        var names: [String] = []
        for row in rows where !self.rows[row].isHidden {
            methods |= self.rows[row].methods
            for other in others[row] {
                let name = String(decoding: other.name, as: UTF8.self)
                if !names.contains(name) { names.append(name) }
            }
        }
        let known = Method.known.indices.filter { methods >> UInt16($0) & 1 == 1 }
        return (known.map { Method.known[$0].rawValue } + names).joined(separator: ", ")
    }

    // MARK: Paths without parameters

    /// So few routes are compared faster than a path is hashed.
    private static let fewRoutes = 8

    /// The row that spells a path byte by byte; −1 when there is none.
    @inline(__always)
    private func literalRow(of path: Span<UInt8>) -> Int {
        // Every path begins with a slash.
        if path.count == 1 { return Int(rootRow) }
        if literals.count <= Self.fewRoutes { return literalRowAmongFew(path) }
        let hash = PathHash(of: path)
        var slot = hash.slot(among: literalSlots.count)
        while literalSlots[slot] >= 0 {
            let literal = literals[Int(literalSlots[slot])]
            if literal.tag == hash.tag, isEqual(literal, path) { return Int(literal.row) }
            slot = (slot + 1) & (literalSlots.count - 1)
        }
        return -1
    }

    @inline(__always)
    private func literalRowAmongFew(_ path: Span<UInt8>) -> Int {
        let count = Int32(truncatingIfNeeded: path.count)  // A target is shorter than 64 KiB.
        for index in literals.indices where literals[index].text.count == count {
            if isEqual(literals[index], path) { return Int(literals[index].row) }
        }
        return -1
    }

    @inline(__always)
    private func isEqual(_ literal: Literal, _ path: Span<UInt8>) -> Bool {
        Self.isEqual(texts.span.extracting(literal.text.bounds), path)
    }

    private static func isEqual(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        // A call is worth it only for what it does sixteen bytes at a time.
        if first.count > 8 { return first.isSame(as: second) }
        for index in first.indices where first[index] != second[index] { return false }
        return true
    }
}

/// What a table knows for answers that refuse.
final class RouteRefusals: Sendable {
    /// The value of `Allow` for each row alone.
    let rowAllows: [String]

    /// The value of `Allow` for the server as a whole.
    let serverAllow: String

    /// Names of methods of the user's own that some row has.
    let otherNames: [[UInt8]]

    /// Whether some row redirects.
    let hasRedirects: Bool

    init(
        rowAllows: [String] = [], serverAllow: String = "", otherNames: [[UInt8]] = [],
        hasRedirects: Bool = false
    ) {
        self.rowAllows = rowAllows
        self.serverAllow = serverAllow
        self.otherNames = otherNames
        self.hasRedirects = hasRedirects
    }
}
