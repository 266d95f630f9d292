internal import HTTPEngine
internal import Syscalls

extension RequestView {
    /// Who has sent the request, as far as it can be believed: see `Request.clientAddress`. Allocates
    /// only when the peer is a trusted proxy.
    var client: SocketAddress {
        guard isTrusted(peer) else { return peer }
        return origin.client ?? peer
    }

    /// What trusted proxies say, where they do not contradict each other.
    var origin: ForwardedElement {
        guard isTrusted(peer) else { return ForwardedElement() }
        let standard = walk(ForwardedElements(forwarded: self))
        let traditional = walk(ForwardedElements(xForwarded: self))
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
        var speaker = peer
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
        for index in 0..<trustedProxies.count {
            if trustedProxies[index].contains(address) { return true }
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
