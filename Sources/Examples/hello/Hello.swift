import Sluice

@main
enum Hello {
    static func main() throws {
        var router = Router()
        router.get("/hello") { request, response in
            response.send("Hello, \(request.query["name"] ?? "World")!\n")
        }
        router.post("/echo") { request, response in
            response.send(request.body)
        }
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
        let server = try Server(router, configuration: ServerConfiguration(port: port))
        print("listening on", server.urls.joined(separator: " and "))
        _ = try server.run()
    }
}
