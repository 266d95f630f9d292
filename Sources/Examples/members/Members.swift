import Sluice

/// A club: who is a member may come in, one member may see the money.
@main
enum Members {
    /// As `htpasswd -B` writes it; a program of your own reads it by `PasswordFile(path:)`. These are
    /// `correct horse` and `tea time`.
    static let passwords = """
        anna:$2b$10$nZXjpryt9SIylO.efRdkneKjEvJiAm2SWLCXunQpHkOVUDJ4scE.K
        ben:$2b$10$u7arBHpnkJbftYzaKWTOQ.0X.fYfChzyLUZCv5eb.Lh.HFvQ6os1O
        """
    /// Tokens for programs, and whom they stand for; real ones are random and not in the source.
    static let tokens = ["a-long-random-text": "robot"]

    static func main() throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
        let server = try Server(router(), configuration: ServerConfiguration(port: port))
        print("listening on", server.urls.joined(separator: " and "))
        _ = try server.run()
    }

    static func router() throws -> Router {
        let schemes = [
            AuthenticationScheme.basic(try PasswordFile(text: passwords)),
            try AuthenticationScheme.bearer(tokens: tokens),
        ]
        // One bucket for a client, in whichever group it asks; outside of the authentication, so that
        // it limits those who guess passwords too.
        let limit = try RateLimit(requests: 60, per: .seconds(60), burst: 10)
        let welcome: HandlerClosure = { request, response in
            response.send("welcome, \(request[AuthenticatedUser.self]?.name ?? "nobody")\n")
        }
        var router = Router()
        // curl localhost:8080/
        router.get("/") { _, response in
            response.send("members only, but for this page\n")
        }
        try router.group("/members") { members in
            members.use(limit)
            try members.use(Authentication(realm: "members", schemes: schemes))
            // curl -u 'ben:tea time' localhost:8080/members
            // curl -H 'Authorization: Bearer a-long-random-text' localhost:8080/members
            members.get("/", welcome)
        }
        try router.group("/treasury") { treasury in
            treasury.use(limit)
            try treasury.use(
                Authentication(realm: "members", schemes: schemes, allowing: ["anna"]))
            // curl -u 'anna:correct horse' localhost:8080/treasury
            treasury.get("/", welcome)
        }
        return router
    }
}
