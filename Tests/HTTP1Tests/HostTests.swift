import Testing

@testable import HTTP1

@Suite struct HostTests {
    static let valid = [
        "", "a", "example.com", "example.com:80", "example.com:", "a:0", "a:65535", "127.0.0.1",
        "127.0.0.1:8080", "xn--bcher-kva.example", "a-b.c_d~e", "%41%ff.b:1", "a!$&'()*+,;=b",
        "[::]", "[::1]", "[::1]:80", "[1::]", "[1:2:3:4:5:6:7:8]", "[::2:3:4:5:6:7:8]",
        "[1:2:3:4:5:6:7::]", "[1:2:3::5:6:7:8]", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]:1",
        "[::1.2.3.4]", "[2001:DB8::aBcD]", "[v1.a]", "[vFF.a:b!]:2", "a.b.c.d.e.f.g.h.i.j.k.l.m.n",
    ]

    static let invalid = [
        ":", ":80", "a:b", "a:-1", "a:65536", "a:000080", "a:80:80", "a b", "a/b", "/", "a?b",
        "a#b", "u@a", "@", "a,b c", "%", "%4", "%4g", "a%", "[", "]", "[]", "[:]", "[:::]", "[1]",
        "::1", "[::1", "::1]", "[::1]a", "[::1]80", "[::1]:x", "[1:2:3:4:5:6:7]",
        "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[::1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8::]",
        "[12345::]", "[g::]", "[:1::]", "[1::2:]", "[::1.2.3]", "[::1.2.3.4.5]", "[::256.2.3.4]",
        "[::01.2.3.4]", "[::1.2.3.]", "[1.2.3.4]", "[1:2:3:4:5:6:7:1.2.3.4]", "[::1.2.3.4:1]",
        "[fe80::1%25eth0]", "[fe80::1%eth0]", "[v.a]", "[v1]", "[v1.]", "[vg.a]", "[v1.a/b]",
        "\"a\"", "<a>", "a\\b", "a|b", "a^b", "a`b", "{a}", "\u{e4}",
    ]

    private func status(_ host: String, _ version: String) -> Int {
        let wire = Array("GET / HTTP/\(version)\r\nHost: \(host)\r\n\r\n".utf8)
        var input = GuardPage(capacity: wire.count)
        input.place(wire)
        var head = RequestHead()
        do throws(ParseError) {
            _ = try RequestParser().parse(input.span, from: 0, into: &head)
            #expect(text(input.span.extracting(head.effectiveHost)) == host)
            return 200
        } catch {
            #expect(error.kind == .invalidHost)
            return error.status
        }
    }

    @Test(arguments: valid)
    func `is a host`(_ host: String) {
        #expect(status(host, "1.1") == 200)
        #expect(status(host, "1.0") == 200)
    }

    @Test(arguments: invalid)
    func `is no host`(_ host: String) {
        #expect(status(host, "1.1") == 400)
        #expect(status(host, "1.0") == 400)
    }

    @Test(arguments: valid.filter { !$0.isEmpty })
    func `a host can be the authority of a target`(_ host: String) throws {
        let wire = Array("GET http://\(host)/ HTTP/1.1\r\nHost:\r\n\r\n".utf8)
        var head = RequestHead()
        _ = try RequestParser().parse(wire.span, from: 0, into: &head)
        #expect(text(wire.span.extracting(head.effectiveHost)) == host)
    }

    @Test(arguments: invalid)
    func `what is no host is no authority either`(_ host: String) {
        let wire = Array("GET http://\(host)xx/ HTTP/1.1\r\nHost:\r\n\r\n".utf8)
        // Where one of these stands, the authority or the target ends earlier.
        let isCut = host.contains("/") || host.contains("?") || host.contains(" ")
        guard !isCut, !host.hasSuffix("%4") else { return }
        #expect(requestEvents(wire, .whole).hasPrefix("error 400 invalidTarget"))
    }
}
