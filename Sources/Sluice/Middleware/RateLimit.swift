internal import Syscalls

/// Lets each client ask so often and no oftener: a token bucket for each.
///
///     try router.use(RateLimit(requests: 100, per: .seconds(60), burst: 20))
///
/// A bucket holds `burst` tokens, each request takes one, and `requests` come back in every `per`,
/// one at a time and evenly. A request that finds none hears 429 `too_many_requests` with
/// `Retry-After`, the whole seconds until there will be one (RFC 6585 §4), and takes nothing: who
/// keeps asking is not kept out for longer.
///
/// A client is its `Request.clientAddress`, of IPv6 the first 64 bits: whoever has one address there
/// has all of them (RFC 6177). Behind a proxy that is not among `ServerConfiguration.trustedProxies`
/// all clients are one. Or a client is what a closure says.
///
/// Memory is bounded: a table of fixed size, 16 bytes a client. A client has eight places in it;
/// when others have them all, the one whose bucket is the fullest is forgotten, which is to start
/// anew with a full one. So an empty bucket is the last to be forgotten, however many addresses a
/// flood comes from. Two clients are taken for one with a probability of 2⁻⁶⁴.
///
/// One of these counts for all routes around which it stands, on all threads. Costs a hash and a lock
/// that is held for a look at eight places; for the address of a direct connection allocates nothing.
public struct RateLimit: Middleware {
    /// Clients that a table may be made for.
    public static let clientRange = 1...16_777_216

    private let rule: TokenRule
    private let table: TokenTable
    private let key: ClientKey
    private let now: @Sendable () -> UInt64

    /// Who counts as one client.
    private enum ClientKey: Sendable {
        case address
        case named(@Sendable (borrowing Request) -> String?)
    }

    /// A limit for each client's address.
    ///
    /// - Parameters:
    ///   - requests: How many come back in a `per`, in 1 ... 1,000,000.
    ///   - per: 1 millisecond ... 1 day; at most one request in a microsecond comes back.
    ///   - burst: How many may come at once, in 1 ... 1,000,000. `nil`: `requests`.
    ///   - clients: How many are remembered, in 1 ... 16,777,216, rounded up to a power of two.
    /// - Throws: `InvalidMiddleware` for what is out of range.
    public init(
        requests: Int, per: Duration, burst: Int? = nil, clients: Int = 65_536
    ) throws(InvalidMiddleware) {
        try self.init(
            requests: requests, per: per, burst: burst, clients: clients, key: .address,
            now: { MonotonicClock.now().nanoseconds })
    }

    /// A limit for each of what a closure tells apart, such as users or keys of an API.
    ///
    /// - Parameter key: Whose bucket a request takes from, worked out when its head is there; `nil`:
    ///   it is not limited. What a client can make up at will does not limit it.
    /// - Throws: `InvalidMiddleware` for what is out of range.
    public init(
        requests: Int, per: Duration, burst: Int? = nil, clients: Int = 65_536,
        key: @escaping @Sendable (borrowing Request) -> String?
    ) throws(InvalidMiddleware) {
        try self.init(
            requests: requests, per: per, burst: burst, clients: clients, key: .named(key),
            now: { MonotonicClock.now().nanoseconds })
    }

    /// A limit whose time, in nanoseconds, comes from elsewhere.
    package init(
        requests: Int, per: Duration, burst: Int? = nil, clients: Int = 65_536,
        key: (@Sendable (borrowing Request) -> String?)? = nil,
        now: @escaping @Sendable () -> UInt64
    ) throws(InvalidMiddleware) {
        try self.init(
            requests: requests, per: per, burst: burst, clients: clients,
            key: key.map { .named($0) } ?? .address, now: now)
    }

    private init(
        requests: Int, per: Duration, burst: Int?, clients: Int, key: ClientKey,
        now: @escaping @Sendable () -> UInt64
    ) throws(InvalidMiddleware) {
        guard Self.clientRange.contains(clients) else {
            throw InvalidMiddleware("RateLimit: clients \(clients) is not in 1 ... 16,777,216")
        }
        rule = try TokenRule(requests: requests, per: per, burst: burst ?? requests)
        table = TokenTable(clientCount: clients)
        self.key = key
        self.now = now
    }

    /// Takes a token.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        var hasher = Hasher()
        switch key {
        case .address: request.clientAddress.address.hashNetwork(into: &hasher)
        case .named(let name):
            guard let name = name(request) else { return .next }
            name.hash(into: &hasher)
        }
        let wait = table.take(
            UInt64(bitPattern: Int64(hasher.finalize())), at: now(), rule)
        guard wait > 0 else { return .next }
        let seconds = (wait + 999_999_999) / 1_000_000_000
        throw HTTPError(
            .tooManyRequests, message: "too many requests have come from here",
            fields: [("Retry-After", "\(seconds)")])
    }
}

extension SocketAddress {
    /// Hashes who this is for a server: an IPv4 address, or the network that an IPv6 one is in.
    fileprivate func hashNetwork(into hasher: inout Hasher) {
        if let ipv4 = ipv4Bits {
            hasher.combine(ipv4)
        } else {
            hasher.combine(ipv6Network)
        }
    }
}
