import Syscalls
import Testing

@testable import HTTPEngine

/// Connections that begin with a header of the PROXY protocol.
@Suite struct ProxyProtocolTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let text = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n"
    private static let unknown = "PROXY UNKNOWN\r\n"

    /// What a connection without the header answers.
    private static var answer: String {
        var harness = ConnectionHarness()
        harness.feed(get)
        return harness.transcript
    }

    @Test(arguments: [(text, "192.0.2.1:56324"), (unknown, "127.0.0.1:1")])
    func `the header comes first, however it is split, and names the peer`(
        header: String, peer: String
    ) {
        let answer = Self.answer
        let bytes = Array((header + Self.get).utf8)
        for split in 0...bytes.count {
            var harness = ConnectionHarness(readsProxyHeader: true)
            harness.feed(bytes[..<split])
            harness.feed(bytes[split...])
            #expect(harness.transcript == answer)
            let found = harness.connection.peer.description
            #expect(found == peer)
        }
        var harness = ConnectionHarness(readsProxyHeader: true)
        harness.drip(header + Self.get + Self.get)
        #expect(harness.transcript == answer + answer)
    }

    @Test(arguments: [get, "PROXY TCP4 \r\n" + get, "\r\n" + text + get, text + text + get, "Q"])
    func `anything else ends the connection without an answer`(wire: String) {
        var harness = ConnectionHarness(readsProxyHeader: true)
        harness.feed(wire)
        // A second header is no request, which the codec answers.
        if !wire.hasPrefix(Self.text) { #expect(harness.transcript == "") }
        #expect(harness.end != .open)
        #expect(harness.handler.requests.isEmpty)
    }

    @Test(arguments: ["", "PROX"])
    func `the header has the time of a head, and then no answer`(part: String) {
        var limits = Limits()
        limits.headerTimeout = 3 * ConnectionHarness.second
        var harness = ConnectionHarness(limits, readsProxyHeader: true)
        harness.feed(part)
        harness.advance(seconds: 2.9)
        #expect(harness.end == .open)
        harness.advance(seconds: 0.2)
        #expect(harness.end == .closed)
        #expect(harness.transcript == "")
    }

    @Test func `without a header timeout it is waited for without end`() {
        var limits = Limits()
        limits.headerTimeout = 0
        var harness = ConnectionHarness(limits, readsProxyHeader: true)
        #expect(harness.secondsToDeadline == nil)
        harness.feed(Self.text)
        #expect(harness.secondsToDeadline == 10, "the keep-alive timeout")
    }

    @Test func `a drain waits for the header as long as for a head`() {
        var harness = ConnectionHarness(readsProxyHeader: true)
        harness.advance(seconds: 5)
        harness.drain()
        #expect(harness.secondsToDeadline == 1)
        harness.advance(seconds: 1.1)
        #expect(harness.end == .closed)
        #expect(harness.transcript == "")
    }

    @Test func `what comes with its header before a drain is answered`() {
        var harness = ConnectionHarness(readsProxyHeader: true)
        harness.arrive(Self.text + Self.get)
        harness.drain()
        #expect(harness.handler.targets == ["/a"])
        #expect(harness.transcript.contains("Connection: close"))
    }

    @Test func `a connection beyond the limit hears 503 behind its header`() {
        var harness = ConnectionHarness(refusesAll: true, readsProxyHeader: true)
        #expect(harness.secondsToDeadline == 1)
        harness.feed(Self.text + Self.get)
        #expect(harness.transcript.hasPrefix("HTTP/1.1 503"))
        var silent = ConnectionHarness(refusesAll: true, readsProxyHeader: true)
        silent.advance(seconds: 2)
        #expect(silent.end == .closed)
        #expect(silent.transcript == "")
    }

    @Test func `the peer's end before its header ends the connection`() {
        var harness = ConnectionHarness(readsProxyHeader: true)
        harness.feed("PROXY ")
        harness.peerCloses()
        #expect(harness.end == .closed)
        #expect(harness.transcript == "")
    }

    @Test(arguments: [("127.0.0.0/8", true), ("192.0.2.0/24", false), ("::1", false)])
    func `where proxies are named, nobody else may connect`(
        range: String, mayConnect: Bool
    ) throws {
        let peer = SocketAddress.loopback(port: 9)
        let range = try #require(AddressRange(range))
        let proxied = try Listener(on: .loopback(port: 0), backlog: 1, readsProxyHeader: true)
        let (named, unnamed) = (
            proxied.mayConnect(peer, trustedProxies: [range]),
            proxied.mayConnect(peer, trustedProxies: [])
        )
        #expect(named == mayConnect)
        #expect(unnamed)
        let plain = try Listener(on: .loopback(port: 0), backlog: 1)
        let isOpen = plain.mayConnect(peer, trustedProxies: [range])
        #expect(isOpen)
    }

    @Test func `knowing the peer costs an idle connection little`() {
        #expect(MemoryLayout<SocketAddress>.stride <= 24)
        #expect(MemoryLayout<WatchedConnection>.stride <= 384)
    }
}
