internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// Shows what stands behind it to the operator of this machine and to nobody else: the status
/// pages, the dashboard and the metrics have it around them, and pages of your own may.
///
///     router.group("/admin") { admin in
///         admin.use(StatusAccess(from: [NetworkRange("10.1.0.0/16")!]))
///         admin.get("/queues") { … }
///     }
///
/// A request gets through when its client (`Request.clientAddress`) is in one of the ranges, or when
/// all of this is true, so that neither a proxy on this machine nor a page that has rebound its name
/// opens the door to the world:
///
/// - the peer of its connection is a loopback address;
/// - it has no field of a proxy's: `Forwarded`, `X-Forwarded-*`, `Via`, `X-Real-IP` and their like;
/// - the host that it asks for is `localhost` or a loopback address.
///
/// In both cases an `Origin` must be that of the page itself, so that no other page can read it,
/// whatever CORS says elsewhere. Everybody else gets what a path without a route gets: 404, or 501
/// for a method that is unknown.
public struct StatusAccess: Middleware {
    /// As for trusted proxies: each request compares with all of them.
    public static let maxRangeCount = 1_024

    private let ranges: [NetworkRange]
    private let readsProxyProtocol: Bool

    /// Methods that are known because routes have them: a path without a route answers them by 404.
    var ownMethods: [Method] = []

    /// A door.
    ///
    /// - Parameters:
    ///   - ranges: Clients that get through beside those on this machine; what is beyond
    ///     `maxRangeCount` does not count.
    ///   - readsProxyProtocol: As `ServerConfiguration.readsProxyProtocol`. A peer is what somebody
    ///     has written then, and only the ranges open the door.
    public init(from ranges: [NetworkRange] = [], readsProxyProtocol: Bool = false) {
        self.ranges = Array(ranges.prefix(Self.maxRangeCount))
        self.readsProxyProtocol = readsProxyProtocol
    }

    /// Lets the request through.
    ///
    /// - Throws: 404, or 501, as the router for a path that it does not have.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        guard isFromThisMachine(request) || isFromRanges(request) else {
            let method = request.method
            let isKnown = Method.known.contains(method) || ownMethods.contains(method)
            throw HTTPError(isKnown ? .notFound : .notImplemented)
        }
        return .next
    }

    private func isFromThisMachine(_ request: borrowing Request) -> Bool {
        guard !readsProxyProtocol, request.peerAddress.isLoopback else { return false }
        for index in 0..<request.fields.count
        where Self.isOfProxy(request.fields.nameBytes(at: index)) {
            return false
        }
        let view = request.view
        let host = String(copying: view.bytes.extracting(view.facts.host))
        guard Self.isLoopbackHost(host) else { return false }
        let authority = String(copying: view.bytes.extracting(view.line.authority))
        guard authority.isEmpty || Self.isLoopbackHost(authority) else { return false }
        return Self.isFromItsOwnPage(request, host: host)
    }

    private func isFromRanges(_ request: borrowing Request) -> Bool {
        guard !ranges.isEmpty else { return false }
        let client = request.clientAddress
        return ranges.contains { $0.contains(client) }
            && Self.isFromItsOwnPage(request, host: request.host)
    }

    // MARK: Leaves

    /// Fields by which proxies say that they are there; none of them is sent by a client of its own
    /// accord.
    private static let proxyFields: [StaticString] = [
        "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip",
        "cf-connecting-ip", "cdn-loop",
    ]

    static func isOfProxy(_ name: Span<UInt8>) -> Bool {
        if name.count >= 11, name.extracting(first: 11).equalsIgnoringCase("x-forwarded") {
            return true
        }
        for field in proxyFields where name.equalsIgnoringCase(field) { return true }
        return false
    }

    /// Whether a host, with or without a port, is a loopback address or the name of one.
    static func isLoopbackHost(_ text: String) -> Bool {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return false }
            let literal = String(text[..<end].dropFirst())
            return SocketAddress(numericHost: literal, port: 0)?.isLoopback ?? false
        }
        let host = String(text.prefix { $0 != ":" })
        if host.lowercased() == "localhost" { return true }
        return SocketAddress(numericHost: host, port: 0)?.isLoopback ?? false
    }

    /// Browsers send `Origin` with what a page of another origin wants to read (Fetch Standard
    /// §3.1), and not with what a page fetches from its own.
    private static func isFromItsOwnPage(_ request: borrowing Request, host: String) -> Bool {
        request.fields.all("origin").allSatisfy { origin in
            ["http://", "https://"].contains { scheme in
                origin.lowercased() == scheme + host.lowercased()
            }
        }
    }
}
