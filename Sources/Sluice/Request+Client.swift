internal import HTTP1
internal import HTTPEngine
internal import Syscalls

// Who asks, and for what it was asked. All of it is worked out when it is asked for, from the field
// lines; a request that nobody asks costs nothing.

extension Request {
    /// Who is at the other end of the connection: the socket's peer or, where the PROXY protocol is
    /// read, whom its header names. O(1).
    public var peerAddress: NetworkAddress { NetworkAddress(view.peer) }

    /// Who has sent the request, as far as it can be believed: the peer; but when that is one of
    /// `ServerConfiguration.trustedProxies`, whom it says that it speaks for, in `Forwarded`
    /// (RFC 7239) or `X-Forwarded-For`, and so on, from the nearest proxy to the first that is not
    /// trusted or not understood. O(head), allocates.
    ///
    /// A proxy that writes one of the two fields usually passes on what its client wrote into the
    /// other. So where both are there and lead to different clients, neither is believed.
    public var clientAddress: NetworkAddress { NetworkAddress(origin.client ?? view.peer) }

    /// `https` or `http`: what the client used towards the first trusted proxy, as that says
    /// (`proto`, `X-Forwarded-Proto`); without one, `http`. O(head), allocates.
    public var scheme: String { origin.scheme ?? "http" }

    /// The host and port that were asked for, as they came: what a trusted proxy says (`host`,
    /// `X-Forwarded-Host`), else the target's authority, else `Host`. Empty for a request of
    /// HTTP/1.0 without. O(head), allocates.
    public var host: String {
        if let host = origin.host { return host }
        let line = view.line
        let range = line.authority.isEmpty ? view.facts.host : line.authority
        return String(copying: view.bytes.extracting(range))
    }

    /// What trusted proxies say, where they do not contradict each other.
    private var origin: ForwardedElement {
        guard isTrusted(view.peer) else { return ForwardedElement() }
        let standard = walk(ForwardedElements(forwarded: view))
        let traditional = walk(ForwardedElements(xForwarded: view))
        guard let standard, let traditional else {
            return standard ?? traditional ?? ForwardedElement()
        }
        guard Self.agree(standard.client?.withPort(0), traditional.client?.withPort(0)) else {
            return ForwardedElement()
        }
        return ForwardedElement(
            client: standard.client ?? traditional.client,
            scheme: Self.agreed(standard.scheme, traditional.scheme),
            host: Self.agreed(standard.host, traditional.host))
    }

    /// From the nearest proxy to the farthest that is trusted; each is described by the one before
    /// it. What a farther one says holds.
    private func walk(_ forwarded: ForwardedElements?) -> ForwardedElement? {
        guard let forwarded else { return nil }
        var origin = ForwardedElement()
        var speaker = view.peer
        for element in forwarded.elements.reversed().prefix(ForwardedElements.maxCount) {
            guard let element, isTrusted(speaker) else { break }
            origin.scheme = element.scheme ?? origin.scheme
            origin.host = element.host ?? origin.host
            guard let client = element.client else { break }
            origin.client = client
            speaker = client
        }
        return origin
    }

    private func isTrusted(_ address: SocketAddress) -> Bool {
        for index in 0..<view.trustedProxies.count {
            if view.trustedProxies[index].contains(address) { return true }
        }
        return false
    }

    /// Whether two statements can both be true.
    private static func agree<Value: Equatable>(_ first: Value?, _ second: Value?) -> Bool {
        guard let first, let second else { return true }
        return first == second
    }

    private static func agreed(_ first: String?, _ second: String?) -> String? {
        agree(first?.lowercased(), second?.lowercased()) ? first ?? second : nil
    }
}
