import Sluice

/// A clock in the browser, by server-sent events.
@main
enum ClockProgram {
    static func main() throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
        let server = try Server(router(), configuration: ServerConfiguration(port: port))
        print("listening on", server.urls.joined(separator: " and "))
        _ = try server.run()
    }

    static func router() -> Router {
        var router = Router()
        router.get("/") { _, response in
            response.send(html: page)
        }
        // curl -N 'localhost:8080/clock?every=5'
        router.get("/clock") { request, response in
            let every = try request.query.value("every", as: Int.self, default: 1)
            guard (1...3_600).contains(every) else {
                throw HTTPError(.badRequest, code: "invalid_parameter", field: "every")
            }
            let now = Ticks.now
            // A browser whose connection was lost hears what it has missed, a minute's at most. Its
            // word is no more than that: it has to make sense.
            let last = request.lastEventID.flatMap { Int($0) } ?? now
            let first = (now - 60...now).contains(last) ? last + every : now
            let count =
                try request.query["count"] == nil
                ? nil : request.query.value("count", as: Int.self)
            var events = try await response.events()
            // Who asks for few events gets comments between them, which keep proxies from giving up
            // on the connection.
            try await events.run(
                heartbeat: .seconds(15), over: Ticks(first: first, every: every, count: count))
        }
        return router
    }

    static let page = """
        <!DOCTYPE html>
        <title>Clock</title>
        <h1 id="clock">…</h1>
        <script>
            new EventSource("/clock").onmessage = event => {
                document.getElementById("clock").textContent = event.data
            }
        </script>

        """
}
