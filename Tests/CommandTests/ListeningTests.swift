import Foundation
import Syscalls
import TestSupport
import Testing

/// Where the executable listens, and what it needs for it.
@Suite struct ListeningTests {
    @Test func `it says where it listens when it accepts connections`() throws {
        let sluice = try SluiceProcess(["--host", "127.0.0.1"])
        #expect(sluice.urls == ["http://127.0.0.1:\(sluice.port)"])
        #expect(sluice.port > 0)
        try expectHello(from: sluice.port)
        let finished = try sluice.stop()
        #expect(finished.code == 0)
        #expect(finished.output == "listening on http://127.0.0.1:\(sluice.port)\n")
        #expect(finished.error == "")
    }

    @Test(arguments: [
        ["--engine", "reactor"], ["--engine=selectors"], ["--engine", "threadpool"],
        ["--host=127.0.0.2"],
    ])
    func `other spellings serve as well`(arguments: [String]) throws {
        try withSluice(arguments) { sluice in
            let host = arguments == ["--host=127.0.0.2"] ? "127.0.0.2" : "127.0.0.1"
            try expectHello(from: sluice.port, host: host)
        }
    }

    @Test func `every option can be given at once`() throws {
        let arguments = [
            "--backlog", "16", "--max-connections", "100", "--keepalive-timeout", "2m",
            "--max-keepalive-requests", "0", "--header-timeout", "500ms", "--body-timeout", "1.5",
            "--write-timeout", "0", "--min-transfer-rate", "0", "--drain-timeout", "10s",
            "--max-header-bytes", "8k", "--max-body-bytes", "1g", "--max-target-length", "1k",
            "--max-pipelined-requests", "1", "--server-name", "Acme", "--trusted-proxies",
            "10.0.0.0/8,127.0.0.1,::1",
        ]
        try withSluice(arguments) { sluice in
            let client = try sluice.client()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
            let response = try client.response()
            #expect(response["Server"] == "Acme")
            #expect(response["Keep-Alive"] == "timeout=120")
        }
    }

    @Test func `it reads the PROXY protocol when told so`() throws {
        try withSluice(["--proxy-protocol", "--trusted-proxies", "127.0.0.0/8"]) { sluice in
            let client = try sluice.client()
            try client.send("PROXY UNKNOWN\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "Hello, World!")
            let other = try sluice.client()
            try other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try other.rest().bytes.isEmpty)
        }
    }

    @Test(.enabled(if: Machine.hasIPv6Loopback, "this machine has no ::1"))
    func `an IPv6 address is bound and its URL has brackets`() throws {
        try withSluice(["--host", "::1"]) { sluice in
            #expect(sluice.urls == ["http://[::1]:\(sluice.port)"])
            try expectHello(from: sluice.port, host: "::1")
        }
    }

    @Test func `a name is bound`() throws {
        let hosts = try Machine.addresses(of: "localhost")
        let sluice = try SluiceProcess(["--host", "localhost"], addressCount: hosts.count)
        for host in hosts { try expectHello(from: sluice.port, host: host) }
        #expect(try sluice.stop().code == 0)
    }

    @Test(.enabled(if: Machine.localhostHasSeveral, "localhost has one address here"))
    func `all addresses of a name are bound, on one port`() throws {
        let hosts = try Machine.addresses(of: "localhost")
        let sluice = try SluiceProcess(["--host", "localhost"], addressCount: hosts.count)
        #expect(Set(sluice.urls.compactMap(portNumber)) == [sluice.port])
        #expect(Set(sluice.urls).count == hosts.count)
        #expect(try sluice.stop().code == 0)
    }

    @Test func `a hard limit of open files that is too low gets a warning`() throws {
        let sluice = try SluiceProcess(shell: "ulimit -n 200")
        let lines = try sluice.process.errorLines(1)
        try expectHello(from: sluice.port)
        #expect(lines.count == 1)
        for part in ["warning: ", "--max-connections 10000", "hard limit", "200"] {
            #expect(lines[0].contains(part), "\(lines[0])")
        }
        #expect(try sluice.stop().code == 0)
    }

    @Test func `a soft limit of open files that is too low is raised`() throws {
        let sluice = try SluiceProcess(["--max-connections", "300"], shell: "ulimit -Sn 64")
        let limits = try String(
            contentsOfFile: "/proc/\(sluice.process.id)/limits", encoding: .utf8)
        let line = try #require(limits.split(separator: "\n").first { $0.contains("open files") })
        let soft = line.split(separator: " ").compactMap { Int($0) }.first
        #expect(try #require(soft) >= 300)
        let finished = try sluice.stop()
        #expect(finished.code == 0)
        #expect(finished.error == "")
    }

    private func expectHello(from port: Int, host: String = "127.0.0.1") throws {
        let client = try RawClient(port: port, host: host)
        try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try client.response().text == "Hello, World!")
    }
}

/// What this machine has.
enum Machine {
    static var hasIPv6Loopback: Bool {
        let address = SocketAddress.loopbackIPv6(port: 0)
        guard let socket = try? Socket.stream(family: .ipv6, nonBlocking: true) else {
            return false
        }
        return (try? Socket.bind(socket, to: address)) != nil
    }

    static var localhostHasSeveral: Bool {
        ((try? addresses(of: "localhost"))?.count ?? 0) > 1
    }

    static func addresses(of name: String) throws -> [String] {
        try SocketAddress.resolve(host: name, port: 0).map(\.host)
    }
}
