import Sluice
import TestSupport
import Testing

/// More clients than `--max-connections`, and than there are descriptors.
@Suite(.onEveryEngine) struct ConnectionLimitTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `the connection beyond the limit hears 503 and when to come back`() throws {
        try withServer(
            TestRoutes.router(), { $0.maxConnections = 2 },
            { running in
                let clients = try [running.client(), running.client()]
                for client in clients {
                    try client.send(get)
                    #expect(try client.response().status == 200)
                }
                let next = try running.client()
                try next.send(get)
                try expectUnavailable(next)
                for client in clients {
                    try client.send(get)
                    #expect(try client.response().status == 200)
                }
            })
    }

    @Test func `the connection beyond the limit hears 503 although it asks nothing`() throws {
        try withServer(
            TestRoutes.router(), { $0.maxConnections = 1 },
            { running in
                let first = try running.client()
                try first.send(get)
                #expect(try first.response().status == 200)
                try expectUnavailable(running.client())
            })
    }

    @Test func `a place that becomes free is given away`() throws {
        try withServer(
            TestRoutes.router(), { $0.maxConnections = 1 },
            { running in
                let first = try running.client()
                try first.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try first.response().status == 200)
                #expect(try first.end() == .finished)
                try first.halfClose()
                // The server learns of our end in its own time; until then the place is taken.
                var statuses: [Int] = []
                while statuses.count < 1_000 && statuses.last != 200 {
                    let next = try running.client()
                    try next.send(get)
                    statuses.append(try next.response().status)
                }
                #expect(statuses.last == 200)
                #expect(statuses.dropLast().allSatisfy { $0 == 503 })
            })
    }

    @Test func `beyond the reserved places connections wait in the backlog`() throws {
        try withServer(
            TestRoutes.router(), { $0.maxConnections = 1 },
            { running in
                // The one place, the 32 reserved ones, and some that the kernel keeps.
                let clients = try (0..<48).map { _ in try running.client() }
                for client in clients { try client.send(get) }
                let statuses = try clients.map { client in
                    let status = try client.response().status
                    try client.halfClose()
                    return status
                }
                #expect(statuses.allSatisfy { $0 == 200 || $0 == 503 })
                #expect(statuses.contains(200))
            })
    }

    @Test func `without descriptors it neither spins nor ends`() throws {
        try withSluice(["--max-connections", "1000"], shell: "ulimit -n 40") { sluice in
            #expect(try sluice.process.errorLines(1)[0].contains("--max-connections"))
            var clients = try (0..<60).map { _ in try sluice.client() }
            for client in clients { try client.send(get) }
            #expect(try clients[0].response().status == 200)
            let last = try #require(clients.last)
            let before = try sluice.process.processorTicks()
            #expect(try !last.hasNews(within: 600_000_000), "there should be no descriptor for it")
            let spent = try sluice.process.processorTicks() - before
            #expect(spent < 30, "hundredths of a second in 600 ms")
            // Descriptors become free, and the others have their turn.
            clients.removeFirst(50)
            for client in clients { #expect(try client.response().status == 200) }
            clients = []
        }
    }

    private func expectUnavailable(_ client: RawClient) throws {
        let response = try client.response()
        #expect(response.status == 503)
        #expect(response["Retry-After"] == "2")
        #expect(response.defect == nil)
        #expect(response.closes)
        #expect(try client.end() == .finished)
    }
}
