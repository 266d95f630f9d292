import Sluice
import SluiceJSON
import Synchronization

/// A tea shop: JSON in and out, parameters, typed query values, forms.
@main
enum API {
    struct Tea: Codable {
        var name: String
        var grams: Int
    }

    static func main() throws {
        let shop = Shop()
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
        let server = try Server(router(shop), configuration: ServerConfiguration(port: port))
        print("listening on", server.urls.joined(separator: " and "))
        _ = try server.run()
    }

    static func router(_ shop: Shop) -> Router {
        var router = Router()
        // curl 'localhost:8080/teas?limit=2'
        router.get("/teas") { request, response in
            let limit = try request.query.value("limit", as: Int.self, default: 10)
            let teas = shop.teas.prefix(max(0, limit))
            switch request.preferredType(of: ["application/json", "text/plain"]) {
            case "application/json": try response.send(json: Array(teas))
            case "text/plain": response.send(teas.map { "\($0.name)\n" }.joined())
            default: throw HTTPError(406, code: "not_acceptable", message: "there is JSON and text")
            }
        }
        // curl localhost:8080/teas/0
        router.get("/teas/{id}") { request, response in
            let id = try request.parameter("id", as: Int.self)
            guard let tea = shop.tea(id) else {
                throw HTTPError(.notFound, code: "no_such_tea", message: "there is no tea \(id)")
            }
            try response.send(json: tea)
        }
        // curl localhost:8080/teas --json '{"name": "Assam", "grams": 100}'
        router.post("/teas") { request, response in
            let tea = try request.decode(Tea.self)
            let id = shop.add(tea)
            try response.setField("Location", "/teas/\(id)")
            try response.send(json: tea, status: .created)
        }
        // curl localhost:8080/form -d name=Assam -d grams=100
        // curl localhost:8080/form -F name=Assam -F grams=100 -F picture=@assam.png
        router.post("/form") { request, response in
            try request.requireContentType([
                "application/x-www-form-urlencoded", "multipart/form-data",
            ])
            if request.contentType?.type == "multipart" {
                let form = try request.multipart()
                guard let name = form["name"], let grams = form["grams"].flatMap({ Int($0) }) else {
                    throw HTTPError(.badRequest, code: "missing_parameter")
                }
                let size = form.index(of: "picture").map { form[$0].bytes.count } ?? 0
                _ = shop.add(Tea(name: name, grams: grams))
                response.send("added \(name) with \(size) bytes of picture\n")
            } else {
                let form = try request.form()
                let name = try form.value("name", as: String.self)
                _ = shop.add(Tea(name: name, grams: try form.value("grams", as: Int.self)))
                response.send("added \(name)\n")
            }
        }
        return router
    }

    /// Its teas, for every thread of the server.
    final class Shop: Sendable {
        private let stock = Mutex([Tea(name: "Darjeeling", grams: 250)])

        var teas: [Tea] { stock.withLock { $0 } }

        func tea(_ id: Int) -> Tea? {
            stock.withLock { $0.indices.contains(id) ? $0[id] : nil }
        }

        func add(_ tea: Tea) -> Int {
            stock.withLock {
                $0.append(tea)
                return $0.count - 1
            }
        }
    }
}
