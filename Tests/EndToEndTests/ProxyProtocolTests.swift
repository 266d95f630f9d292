import Sluice
import TestSupport
import Testing

/// The PROXY protocol on a socket.
@Suite(.onEveryEngine) struct ProxyProtocolTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n"

    private static func router() -> Router {
        var router = Router()
        router.get("/") { request, response in
            response.send("\(request.peerAddress) \(request.clientAddress)")
        }
        return router
    }

    @Test func `the header names the peer, and whoever that is may be trusted`() throws {
        let loopback = try #require(NetworkRange("127.0.0.0/8"))
        let proxy = try #require(NetworkRange("198.51.100.0/24"))
        try withServer(
            Self.router(),
            {
                $0.readsProxyProtocol = true
                $0.trustedProxies = [loopback, proxy]
            },
            { running in
                let client = try running.client()
                try client.sendByteByByte("PROXY TCP4 192.0.2.1 127.0.0.1 1234 80\r\n" + Self.get)
                #expect(try client.response().text == "192.0.2.1:1234 192.0.2.1:1234")
                try client.send(Self.get)
                #expect(try client.response().text == "192.0.2.1:1234 192.0.2.1:1234")
                let other = try running.client()
                try other.send("PROXY TCP4 198.51.100.7 127.0.0.1 5 80\r\n" + Self.get)
                #expect(try other.response().text == "198.51.100.7:5 192.0.2.9")
                let binary = try running.client()
                let header: [UInt8] =
                    [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
                    + [0x21, 0x11, 0, 12, 192, 0, 2, 3, 127, 0, 0, 1, 0, 9, 0, 80]
                try binary.send(header + Array(Self.get.utf8))
                #expect(try binary.response().text == "192.0.2.3:9 192.0.2.3:9")
            })
    }

    @Test func `what does not begin with it is closed without an answer`() throws {
        try withServer(
            Self.router(), { $0.readsProxyProtocol = true },
            { running in
                let client = try running.client()
                try client.send(Self.get)
                #expect(try client.rest().bytes.isEmpty)
            })
    }

    @Test func `a header that does not come is waited for as long as a head`() throws {
        try withServer(
            Self.router(),
            {
                $0.readsProxyProtocol = true
                $0.headerTimeout = .milliseconds(200)
            },
            { running in
                let client = try running.client()
                try client.send("PROXY ")
                #expect(try client.end() == .finished)
            })
    }

    @Test func `a peer that is no trusted proxy is not even read`() throws {
        let range = try #require(NetworkRange("192.0.2.0/24"))
        try withServer(
            Self.router(),
            {
                $0.readsProxyProtocol = true
                $0.trustedProxies = [range]
            },
            { running in
                let client = try running.client()
                #expect(try client.rest().bytes.isEmpty)
            })
    }

    @Test func `where it is not read, it is no request`() throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send("PROXY TCP4 192.0.2.1 127.0.0.1 1234 80\r\n" + Self.get)
            #expect(try client.response().status == 400)
        }
    }
}
