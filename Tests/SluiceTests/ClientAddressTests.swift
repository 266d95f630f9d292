import Sluice
import TestSupport
import Testing

/// Who asks, and who is believed about it.
@Suite struct ClientAddressTests {
    /// The tests' client comes from 127.0.0.1, which is trusted, as are these.
    private static let trusted = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]

    static let cases: [(fields: [String], client: String, scheme: String, host: String)] = [
        ([], "127.0.0.1", "http", "a"),
        // Forwarded (RFC 7239)
        (["Forwarded: for=192.0.2.1"], "192.0.2.1", "http", "a"),
        (
            ["Forwarded: For=192.0.2.1;Proto=HTTPS;host=\"x.test:8\""], "192.0.2.1", "https",
            "x.test:8"
        ),
        (["Forwarded: for=\"192.0.2.1:1234\""], "192.0.2.1:1234", "http", "a"),
        (["Forwarded: for=\"[2001:db9::1]\""], "2001:db9::1", "http", "a"),
        (["Forwarded: for=\"[2001:db9::1]:80\""], "[2001:db9::1]:80", "http", "a"),
        (["Forwarded: for=\"192.0.2.1:_port\""], "192.0.2.1", "http", "a"),
        (["Forwarded: for=192.0.2.9, for=192.0.2.1"], "192.0.2.1", "http", "a"),
        (["Forwarded: for=192.0.2.9, for=192.0.2.1, for=10.1.1.1"], "192.0.2.1", "http", "a"),
        (["Forwarded: for=192.0.2.1", "Forwarded: for=10.1.1.1"], "192.0.2.1", "http", "a"),
        (["Forwarded: for=\"[2001:db8::7]\""], "2001:db8::7", "http", "a"),
        (["Forwarded: for=unknown"], "127.0.0.1", "http", "a"),
        (["Forwarded: for=_hidden;proto=https"], "127.0.0.1", "https", "a"),
        (["Forwarded: for=192.0.2.1, for=unknown"], "127.0.0.1", "http", "a"),
        (["Forwarded: for=192.0.2.1, for=_x, for=10.1.1.1"], "10.1.1.1", "http", "a"),
        (
            ["Forwarded: for=192.0.2.1;proto=https, for=10.1.1.1;proto=http"], "192.0.2.1", "https",
            "a"
        ),
        (
            ["Forwarded: for=192.0.2.9;proto=http, for=192.0.2.1;proto=https"], "192.0.2.1",
            "https", "a"
        ),
        (["Forwarded: for=192.0.2.1, for=10.1.1.1;proto=https"], "192.0.2.1", "https", "a"),
        (["Forwarded: by=10.0.0.1;x=\"a,b;c\";for=192.0.2.1;"], "192.0.2.1", "http", "a"),
        (["Forwarded: for=192.0.2.1;proto=gopher;host=\"a b\""], "192.0.2.1", "http", "a"),
        // Malformed: ignored from there.
        (["Forwarded: for=192.0.2.1;for=192.0.2.2"], "127.0.0.1", "http", "a"),
        (["Forwarded: for=\"192.0.2.1"], "127.0.0.1", "http", "a"),
        (["Forwarded: for=[2001:db9::1]"], "127.0.0.1", "http", "a"),
        (["Forwarded: for=\"2001:db9::1\""], "127.0.0.1", "http", "a"),
        (["Forwarded: for=192.0.2.1:80"], "127.0.0.1", "http", "a"),
        (["Forwarded: 192.0.2.1"], "127.0.0.1", "http", "a"),
        (["Forwarded: for=\"192.0.2.1:99999\""], "127.0.0.1", "http", "a"),
        (["Forwarded: for=\"x", "Forwarded: for=192.0.2.1"], "192.0.2.1", "http", "a"),
        (
            ["Forwarded: for=192.0.2.1, for=\"x", "Forwarded: for=10.1.1.1"], "10.1.1.1", "http",
            "a"
        ),
        // X-Forwarded-*
        (["X-Forwarded-For: 192.0.2.1"], "192.0.2.1", "http", "a"),
        (["X-Forwarded-For: 192.0.2.9, 192.0.2.1"], "192.0.2.1", "http", "a"),
        (["X-Forwarded-For: 192.0.2.1,10.1.1.1 , 10.2.2.2"], "192.0.2.1", "http", "a"),
        (["X-Forwarded-For: 192.0.2.1", "x-forwarded-for: 10.1.1.1"], "192.0.2.1", "http", "a"),
        (["X-Forwarded-For: 2001:db9::1"], "2001:db9::1", "http", "a"),
        (["X-Forwarded-For: [2001:db9::1]:5"], "[2001:db9::1]:5", "http", "a"),
        (["X-Forwarded-For: 192.0.2.1:5"], "192.0.2.1:5", "http", "a"),
        (["X-Forwarded-For: 192.0.2.1, x, 10.1.1.1"], "10.1.1.1", "http", "a"),
        (["X-Forwarded-For: 192.0.2.1/24"], "127.0.0.1", "http", "a"),
        (["X-Forwarded-Proto: https"], "127.0.0.1", "https", "a"),
        (
            ["X-Forwarded-For: 192.0.2.1, 10.1.1.1", "X-Forwarded-Proto: https"], "192.0.2.1",
            "https", "a"
        ),
        (
            ["X-Forwarded-For: 192.0.2.1, 10.1.1.1", "X-Forwarded-Proto: https, http"],
            "192.0.2.1", "https", "a"
        ),
        (
            ["X-Forwarded-For: 192.0.2.9, 192.0.2.1", "X-Forwarded-Proto: http, https"],
            "192.0.2.1", "https", "a"
        ),
        (
            ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: x.test"], "192.0.2.1", "http",
            "x.test"
        ),
        (["X-Forwarded-Host: a/b", "X-Forwarded-Proto: ftp"], "127.0.0.1", "http", "a"),
        // Both
        (["Forwarded: for=192.0.2.1", "X-Forwarded-For: 192.0.2.1"], "192.0.2.1", "http", "a"),
        (
            ["Forwarded: for=192.0.2.1;proto=https", "X-Forwarded-For: 192.0.2.1:5"], "192.0.2.1",
            "https", "a"
        ),
        (
            ["Forwarded: for=192.0.2.9;proto=https", "X-Forwarded-For: 192.0.2.1"], "127.0.0.1",
            "http", "a"
        ),
        (["Forwarded: proto=https", "X-Forwarded-Proto: http"], "127.0.0.1", "http", "a"),
    ]

    @Test(arguments: cases)
    func `a trusted proxy is believed, and so are those before it that are trusted`(
        fields: [String], client: String, scheme: String, host: String
    ) throws {
        let response = try Self.ask(fields, trusting: Self.trusted)
        #expect(response.text == "\(client) \(scheme) \(host)".replacing("127.0.0.1", with: "peer"))
    }

    @Test(arguments: [[], ["10.0.0.0/8"], ["127.0.0.2"], ["::1"]])
    func `nobody else is believed`(trusted: [String]) throws {
        let fields = [
            "Forwarded: for=192.0.2.1;proto=https;host=x", "X-Forwarded-For: 192.0.2.1",
            "X-Forwarded-Proto: https", "X-Forwarded-Host: x",
        ]
        #expect(try Self.ask(fields, trusting: trusted).text == "peer http a")
    }

    @Test func `only so many proxies in a row are followed`() throws {
        for (count, client) in [(31, "192.0.2.1"), (32, "10.0.0.1")] {
            let hops = Array(repeating: "10.0.0.1", count: count).joined(separator: ", ")
            let response = try Self.ask(
                ["X-Forwarded-For: 192.0.2.1, \(hops)"], trusting: Self.trusted)
            #expect(response.text == "\(client) http a")
            let forwarded = hops.replacing("10", with: "for=10")
            let standard = try Self.ask(
                ["Forwarded: for=192.0.2.1, \(forwarded)"], trusting: Self.trusted)
            #expect(standard.text == "\(client) http a")
        }
    }

    @Test func `the host is that of the target before that of the field`() throws {
        let response = try answer(to: "http://b:8/") { request, response in
            response.send(request.host)
        }
        #expect(response.text == "b:8")
    }

    @Test func `too many trusted ranges are an error`() throws {
        var configuration = ServerConfiguration(port: 0)
        let range = try #require(NetworkRange("10.0.0.0/8"))
        configuration.trustedProxies = Array(repeating: range, count: 1_025)
        let error = #expect(throws: ServerError.self) {
            try Server(Router(), configuration: configuration)
        }
        #expect(error?.description.contains("trustedProxies") == true)
    }

    @Test func `a range says what it holds`() throws {
        let range = try #require(NetworkRange("127.0.0.0/8"))
        #expect(range.description == "127.0.0.0/8")
        #expect(NetworkRange("127.0.0.1/8") == nil)
        let response = try answer { request, response in
            let peer = request.peerAddress
            response.send(
                "\(range.contains(peer)) \(peer.isLoopback) \(peer.host) \((peer.port ?? 0) > 0)")
        }
        #expect(response.text == "true true 127.0.0.1 true")
    }

    /// The peer's port is not known beforehand, so the peer is called "peer".
    private static func ask(_ fields: [String], trusting: [String]) throws -> RawResponse {
        try answer(
            fields: fields, { $0.trustedProxies = trusting.compactMap { NetworkRange($0) } },
            { request, response in
                let client = request.clientAddress
                response.send(
                    "\(client == request.peerAddress ? "peer" : "\(client)") \(request.scheme) "
                        + "\(request.host)")
            })
    }
}
