internal import HTTP1

/// A handler's closure, kept in a type of its own: in an optional or an array as it is, the compiler
/// would store it behind a thunk that allocates and copies the request at every call.
struct RouteHandler: Sendable {
    let handle: HandlerClosure
}

/// A closure that runs before handlers, kept in a type of its own for the same reason.
struct PrepareHook: Sendable {
    let run: PrepareClosure
}

/// Routes by path, then by method. Filled once, then only looked up: by bytes, without a `String`.
struct RouteTable: Sendable {
    /// What can be done with one path.
    struct Route: Sendable {
        /// Handlers of methods of the user's own.
        var other: [(name: [UInt8], handler: RouteHandler)] = []
        /// The value of `Allow`.
        var allow = ""
    }

    private(set) var routes: [Route] = []

    /// What runs before every handler.
    private(set) var hooks: [PrepareHook] = []

    /// Handlers of known methods: a row for each route, a column for each method that the parser
    /// knows. One array, so that a look-up touches one reference count.
    private var known: [RouteHandler?] = []

    /// The paths of all routes, one behind the other, so that a look-up touches no reference count.
    private var paths: [UInt8] = []
    private var pathRanges: [Range<Int>] = []

    /// The value of `Allow` for the server as a whole.
    private(set) var allow = "OPTIONS"

    /// Names of methods beyond those of the parser that some route has.
    private var otherMethods: [[UInt8]] = []

    private static let columns = Method.known.count

    /// Open addressing over `routes`; −1 is free. At most half full.
    private var slots: [Int32] = Array(repeating: -1, count: 8)

    mutating func add(_ hook: @escaping PrepareClosure) {
        hooks.append(PrepareHook(run: hook))
    }

    mutating func add(_ method: Method, _ path: String, _ handler: @escaping HandlerClosure) {
        precondition(path.utf8.first == UInt8(ascii: "/"), "a route's path begins with a slash")
        let bytes = Array(path.utf8)
        let index = find(bytes.span) ?? addRoute(bytes)
        if let code = Method.known.firstIndex(of: method) {
            precondition(
                known[index * Self.columns + code] == nil,
                "\(method.rawValue) \(path) is registered twice")
            known[index * Self.columns + code] = RouteHandler(handle: handler)
        } else {
            let name = Array(method.rawValue.utf8)
            precondition(FieldSyntax.isToken(name.span), "a method is a token")
            precondition(
                !routes[index].other.contains { $0.name == name },
                "\(method.rawValue) \(path) is registered twice")
            routes[index].other.append((name, RouteHandler(handle: handler)))
            if !otherMethods.contains(name) { otherMethods.append(name) }
        }
        routes[index].allow = allowed(at: index)
        allow = allowedAnywhere()
    }

    /// The route of a path; O(path), allocates nothing.
    func find(_ path: Span<UInt8>) -> Int? {
        if pathRanges.count <= Self.fewRoutes { return findAmongFew(path) }
        var slot = Int(truncatingIfNeeded: Self.hash(path)) & (slots.count - 1)
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if Self.isEqual(paths.span.extracting(pathRanges[index]), path) { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// So few routes are compared faster than a path is hashed.
    private static let fewRoutes = 8

    private func findAmongFew(_ path: Span<UInt8>) -> Int? {
        for index in pathRanges.indices where pathRanges[index].count == path.count {
            if Self.isEqual(paths.span.extracting(pathRanges[index]), path) { return index }
        }
        return nil
    }

    /// The handler of a known method; HEAD falls back to GET. `nil` for `.other` and where there is
    /// none.
    func handler(at index: Int, for method: RequestMethod) -> RouteHandler? {
        let row = index * Self.columns
        switch method {
        case .other: return nil
        case .head:
            return known[row + Int(RequestMethod.head.rawValue)]
                ?? known[row + Int(RequestMethod.get.rawValue)]
        case .get, .post, .put, .delete, .patch, .options, .trace, .connect:
            return known[row + Int(method.rawValue)]
        }
    }

    /// The handler of a method of the user's own.
    func handler(at index: Int, forOther name: Span<UInt8>) -> RouteHandler? {
        for entry in routes[index].other {
            if Self.isEqual(entry.name.span, name) { return entry.handler }
        }
        return nil
    }

    /// Whether some route has this method of the user's own.
    func knows(_ name: Span<UInt8>) -> Bool {
        for method in otherMethods {
            if Self.isEqual(method.span, name) { return true }
        }
        return false
    }

    private mutating func addRoute(_ path: [UInt8]) -> Int {
        routes.append(Route())
        pathRanges.append(paths.count..<(paths.count + path.count))
        paths += path
        known += Array(repeating: nil, count: Self.columns)
        if routes.count * 2 > slots.count {
            slots = Array(repeating: -1, count: slots.count * 2)
            for index in routes.indices.dropLast() { place(index) }
        }
        place(routes.count - 1)
        return routes.count - 1
    }

    private mutating func place(_ index: Int) {
        var slot =
            Int(truncatingIfNeeded: Self.hash(paths.span.extracting(pathRanges[index])))
            & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(index)
    }

    private func allowed(at index: Int) -> String {
        let route = routes[index]
        var names = RequestMethod.allCases
            .filter { $0 != .other && handler(at: index, for: $0) != nil }
            .map { Method($0).rawValue }
        if !names.contains("OPTIONS") { names.append("OPTIONS") }
        names += route.other.map { String(decoding: $0.name, as: UTF8.self) }
        return names.joined(separator: ", ")
    }

    private func allowedAnywhere() -> String {
        var names: [String] = []
        for route in routes {
            for name in route.allow.split(separator: ", ").map(String.init)
            where !names.contains(name) {
                names.append(name)
            }
        }
        return names.joined(separator: ", ")
    }

    /// FNV-1a. Not keyed: the table holds only what the program registered, so a client cannot make
    /// it collide; a look-up of any path ends at the first free slot.
    private static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in bytes.indices {
            hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3  // Wraps by definition.
        }
        return hash
    }

    private static func isEqual(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        for index in first.indices where first[index] != second[index] {
            return false
        }
        return true
    }
}
