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
    public var clientAddress: NetworkAddress { NetworkAddress(view.client) }

    /// `https` or `http`: what the client used towards the first trusted proxy, as that says
    /// (`proto`, `X-Forwarded-Proto`); without one, `http`. O(head), allocates.
    public var scheme: String { view.origin.scheme ?? "http" }

    /// The host and port that were asked for, as they came: what a trusted proxy says (`host`,
    /// `X-Forwarded-Host`), else the target's authority, else `Host`. Empty for a request of
    /// HTTP/1.0 without. O(head), allocates.
    public var host: String {
        if let host = view.origin.host { return host }
        let line = view.line
        let range = line.authority.isEmpty ? view.facts.host : line.authority
        return String(copying: view.bytes.extracting(range))
    }
}
