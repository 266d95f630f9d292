internal import HTTP1

extension RouteTable {
    /// The table of some routes, which do not conflict.
    ///
    /// - Parameter middleware: What stands around everything.
    init(_ routes: [Route], middleware: [any Middleware] = []) {
        precondition(Self.columnCount == RequestMethod.allCases.count)
        self.middleware = middleware
        routerMiddleware = MiddlewareRange(start: 0, count: middleware.count)
        nodes = [RouteNode()]
        let groups = Self.ranked(routes)
        for group in groups { addRow(group) }
        refusals = RouteRefusals(
            rowAllows: rows.indices.map { allow(of: CollectionOfOne($0)) },
            serverAllow: allow(of: rows.indices), otherNames: others.joined().map(\.name),
            hasRedirects: rows.contains { $0.redirects })
        placeLiterals(groups.map(\.pattern))
        hasOnlyLiterals = literals.count == rows.count
        plant(groups.map(\.pattern))
    }

    /// The routes of one pattern.
    struct Group {
        let pattern: RoutePattern
        var routes: [Route]
    }

    /// Routes by pattern, the most specific first.
    private static func ranked(_ routes: [Route]) -> [Group] {
        var groups: [Group] = []
        var index: [String: Int] = [:]
        for route in routes {
            let key = "\(route.pattern.isForgiving) \(route.pattern.shape)"
            if let known = index[key] {
                groups[known].routes.append(route)
            } else {
                index[key] = groups.count
                groups.append(Group(pattern: route.pattern, routes: [route]))
            }
        }
        return groups.sorted { $0.pattern.precedes($1.pattern) }
    }

    // MARK: Rows

    private mutating func addRow(_ group: Group) {
        let start = patterns.count
        patterns.append(group.pattern.isForgiving ? 1 : 0)
        patterns += group.pattern.text.utf8
        let handled = group.routes.filter { $0.handler != nil }
        var row = Row(
            pattern: TextRange(start: Int32(start), count: Int32(patterns.count - start)),
            methods: 0, isForgiving: group.pattern.isForgiving,
            redirects: handled.contains { $0.redirectsUncleanPaths ?? false },
            isHidden: handled.isEmpty)
        hasForgivingRows = hasForgivingRows || row.isForgiving
        let index = rows.count
        columns += Array(repeating: -1, count: Self.columnCount)
        others.append([])
        for route in handled { add(route, at: index, row.pattern) }
        fillColumns(at: index, any: handled.contains { $0.method == nil })
        for code in Method.known.indices
        where columns[index * Self.columnCount + code] >= 0 && Method.known[code] != .connect {
            row.methods |= 1 << UInt16(code)
        }
        rows.append(row)
    }

    private mutating func add(_ route: Route, at row: Int, _ pattern: TextRange) {
        guard let handler = route.handler else { return }
        let target = Int32(handlers.count)
        let around = route.middleware + route.limits.middleware
        let details = TargetDetails(handler: handler, limits: route.limits)
        var isPlain = around.isEmpty && !details.isGuarded
        if case .synchronous(let handler) = handler {
            handlers.append(handler)
        } else {
            handlers.append(SynchronousHandler { _, _ in })
            isPlain = false
        }
        self.details.append(details)
        labels.insert(
            RouteLabel(method: route.method?.rawValue ?? "ANY", pattern: route.pattern.text),
            at: labels.count - 1)
        targets.append(
            Target(
                pattern: pattern, maxBodyByteCount: route.limits.maxBodyBytes ?? -1,
                middleware: MiddlewareRange(start: middleware.count, count: around.count),
                isPlain: isPlain))
        middleware += around
        if let name = route.otherMethodName {
            others[row].append(OtherMethod(name: name, target: target))
        } else {
            columns[row * Self.columnCount + route.column] = target
        }
    }

    /// HEAD falls back to GET, and everything to the handler for any method.
    private mutating func fillColumns(at row: Int, any: Bool) {
        let first = row * Self.columnCount
        let head = first + Int(RequestMethod.head.rawValue)
        if columns[head] < 0 { columns[head] = columns[first + Int(RequestMethod.get.rawValue)] }
        guard any else { return }
        let last = columns[first + Self.columnCount - 1]
        for column in first..<(first + Self.columnCount) where columns[column] < 0 {
            columns[column] = last
        }
    }

    // MARK: Paths without parameters

    private mutating func placeLiterals(_ patterns: [RoutePattern]) {
        for (row, pattern) in patterns.enumerated() {
            guard !rows[row].isHidden, let path = pattern.plainPath else { continue }
            literals.append(Literal(text: append(path), row: Int32(row)))
        }
        // Few are compared one by one, the shortest first: most requests are for those.
        literals.sort { $0.text.count < $1.text.count }
        if let first = literals.first, first.text.count == 1 { rootRow = first.row }
        // At most half full, so that a miss ends soon.
        var capacity = 8
        while capacity < literals.count * 2 { capacity *= 2 }
        literalSlots = Array(repeating: -1, count: capacity)
        for (index, literal) in literals.enumerated() {
            let hash = PathHash(of: texts.span.extracting(literal.text.bounds))
            var slot = hash.slot(among: capacity)
            while literalSlots[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
            literalSlots[slot] = Int32(index)
            literals[index].tag = hash.tag
        }
    }

    // MARK: The tree

    private struct ChildKey: Hashable {
        let parent: Int32
        let text: [UInt8]
    }

    private mutating func plant(_ patterns: [RoutePattern]) {
        var children: [ChildKey: Int32] = [:]
        // Patterns come by rank, so each node's stars do, too.
        var starRows: [Int32: [Int]] = [:]
        for (row, pattern) in patterns.enumerated() {
            var node: Int32 = 0
            for segment in pattern.segments {
                node = child(of: node, segment, &children)
            }
            if pattern.star != nil {
                starRows[node, default: []].append(row)
            } else if pattern.isForgiving {
                nodes[Int(node)].forgivingRow = Int32(row)
            } else {
                nodes[Int(node)].strictRow = Int32(row)
            }
        }
        for (node, rows) in starRows {
            nodes[Int(node)].firstStar = Int32(stars.count)
            nodes[Int(node)].starCount = Int32(rows.count)
            for row in rows { add(patterns[row].star ?? RoutePattern.Star(), of: row) }
        }
        placeChildren(children)
    }

    private mutating func child(
        of parent: Int32, _ segment: RoutePattern.Segment, _ children: inout [ChildKey: Int32]
    ) -> Int32 {
        let next = Int32(nodes.count)
        switch segment {
        case .literal(let text):
            let key = ChildKey(parent: parent, text: text)
            if let child = children[key] { return child }
            children[key] = next
            nodes[Int(parent)].hasLiterals = true
        case .parameter:
            if nodes[Int(parent)].parameter >= 0 { return nodes[Int(parent)].parameter }
            nodes[Int(parent)].parameter = next
        }
        nodes.append(RouteNode())
        return next
    }

    private mutating func add(_ star: RoutePattern.Star, of row: Int) {
        let suffix = append(star.suffix)
        let first = starTails.count
        for segment in star.tail { starTails.append(append(segment)) }
        stars.append(
            RouteNode.Star(
                row: Int32(row), suffix: suffix, firstTail: Int32(first),
                tailCount: Int32(starTails.count - first)))
    }

    private mutating func append(_ text: [UInt8]) -> TextRange {
        texts += text
        return TextRange(
            start: Int32(texts.count - text.count), count: Int32(text.count))
    }

    private mutating func placeChildren(_ children: [ChildKey: Int32]) {
        var capacity = 8
        while capacity < children.count * 2 { capacity *= 2 }
        childSlots = Array(repeating: RouteNode.Child(), count: capacity)
        for (key, node) in children.sorted(by: { $0.value < $1.value }) {
            let text = append(key.text)
            var hash = PathHash(at: Int(key.parent))
            for byte in key.text { hash.add(byte) }
            var slot = hash.slot(among: capacity)
            while childSlots[slot].node >= 0 { slot = (slot + 1) & (capacity - 1) }
            childSlots[slot] = RouteNode.Child(
                parent: key.parent, node: node, tag: hash.tag, text: text)
        }
    }
}

extension RoutePattern {
    /// The one path that matches, as clients spell it; `nil` where there are others, and where a
    /// byte of it cannot stand for itself.
    fileprivate var plainPath: [UInt8]? {
        var path: [UInt8] = []
        for segment in segments {
            guard case .literal(let bytes) = segment, !bytes.contains(UInt8(ascii: "/")),
                !bytes.contains(UInt8(ascii: "%"))
            else { return nil }
            path += [UInt8(ascii: "/")] + bytes
        }
        guard star == nil else { return nil }
        return path.isEmpty ? [UInt8(ascii: "/")] : path
    }

    /// Whether it is more specific than another: decided by the first segment in which they differ,
    /// where a literal comes before `{name}`, that before the end, and that before a star; of two
    /// stars, the one with the longer text behind it; and strict before forgiving.
    ///
    /// Literals that differ never match the same segment; they are ordered only to have an order.
    func precedes(_ other: RoutePattern) -> Bool {
        for index in 0..<max(segments.count, other.segments.count) {
            let mine = index < segments.count ? segments[index] : nil
            let others = index < other.segments.count ? other.segments[index] : nil
            switch (mine, others) {
            case (.literal(let first), .literal(let second)):
                if first != second { return first.lexicographicallyPrecedes(second) }
            case (.parameter, .parameter): continue
            case (.literal, .parameter), (.literal, nil), (.parameter, nil): return true
            case (.parameter, .literal), (nil, .literal), (nil, .parameter), (nil, nil):
                return false
            }
        }
        guard let star, let otherStar = other.star else {
            if (star == nil) != (other.star == nil) { return star == nil }
            return !isForgiving && other.isForgiving
        }
        if star.textByteCount != otherStar.textByteCount {
            return star.textByteCount > otherStar.textByteCount
        }
        if shape != other.shape { return shape < other.shape }
        return !isForgiving && other.isForgiving
    }
}
