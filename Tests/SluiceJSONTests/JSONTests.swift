import FoundationEssentials
import Sluice
import SluiceJSON
import Synchronization
import TestSupport
import Testing

/// Bodies and answers as Codable values.
@Suite struct JSONTests {
    struct Order: Codable {
        var name: String
        var items: [Item]
        var isGift: Bool?

        struct Item: Codable {
            var price: Double
        }
    }

    @Test(arguments: [
        "Content-Type: application/json", "Content-Type: Application/JSON; charset=utf-8",
        "Content-Type: application/vnd.order+json",
    ])
    func `a body is decoded`(field: String) throws {
        let body = #"{"name": "grün", "items": [{"price": 1.5}, {"price": 2}]}"#
        let response = try Self.post(body, [field]) { request, response in
            let order = try request.decode(Order.self)
            response.send("\(order.name) \(order.items.map(\.price))")
        }
        #expect(response.text == "grün [1.5, 2.0]")
    }

    static let faults: [(body: String, field: String?, message: String)] = [
        ("", nil, "the body is no JSON of the expected shape"),
        ("{", nil, "the body is no JSON of the expected shape"),
        ("secret", nil, "the body is no JSON of the expected shape"),
        (#"{"name": "a"}"#, "items", "'items' is missing"),
        (#"{"name": 7, "items": []}"#, "name", "'name' is no string"),
        (#"{"name": null, "items": []}"#, "name", "'name' is null and should be a string"),
        (#"{"name": "a", "items": {}}"#, "items", "'items' is no array"),
        (#"{"name": "a", "items": [{}]}"#, "items.0.price", "'items.0.price' is missing"),
        (
            #"{"name": "a", "items": [{"price": 1}, {"price": "secret"}]}"#, "items.1.price",
            "'items.1.price' is no number"
        ),
        (#"{"name": "a", "items": [], "isGift": "secret"}"#, "isGift", "'isGift' is no boolean"),
        ("[1]", nil, "the body is no JSON of the expected shape"),
    ]

    @Test(arguments: faults)
    func `a fault names its place and shows nothing of the body`(
        body: String, field: String?, message: String
    ) throws {
        let response = try Self.post(body) { request, response in
            response.send(Self.fault { _ = try request.decode(Order.self) })
        }
        #expect(response.text == "400 invalid_json \(field ?? "-") \(message)")
        #expect(!response.text.contains("secret"))
    }

    @Test(arguments: [[], ["Content-Type: text/plain"], ["Content-Type: application/jsonish"]])
    func `a body of another type is refused`(fields: [String]) throws {
        let response = try Self.post("{}", fields) { request, response in
            response.send(Self.fault { _ = try request.decode(Order.self) })
        }
        #expect(response.text.hasPrefix("415 unsupported_media_type"))
    }

    @Test func `a value is sent, with a status, in place of what was there`() throws {
        let response = try Self.post("") { _, response in
            response.send("text")
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            try response.send(
                json: Order(name: "a/b", items: [Order.Item(price: 1.5)]), status: .created,
                with: encoder)
        }
        #expect(response.status == 201)
        #expect(response["Content-Type"] == "application/json")
        #expect(response.text == #"{"items":[{"price":1.5}],"name":"a\/b"}"#)
    }

    @Test func `options of the decoder hold`() throws {
        struct Value: Decodable { var twoWords: Int }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let response = try Self.post(#"{"two_words": 2}"#) { request, response in
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            response.send("\(try request.decode(Value.self, with: decoder).twoWords)")
        }
        #expect(response.text == "2")
    }

    @Test func `what JSON does not have leaves the answer as it was`() throws {
        let response = try Self.post("") { _, response in
            response.send("before")
            #expect(throws: (any Error).self) {
                try response.send(json: [Double.nan], status: .created)
            }
        }
        #expect(response.text == "before")
        #expect(response.status == 200)
    }

    private static func fault(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "none"
        } catch let error as HTTPError {
            return "\(error.status.code) \(error.code) \(error.field ?? "-") \(error.message)"
        } catch {
            return "\(error)"
        }
    }

    private static func post(
        _ body: String, _ fields: [String] = ["Content-Type: application/json"],
        _ handler: @escaping HandlerClosure
    ) throws -> RawResponse {
        var router = Router()
        router.post("/", handler)
        let answer = Mutex<RawResponse?>(nil)
        try withServer(router) { running in
            let client = try running.client()
            let lines = ["Host: a", "Content-Length: \(body.utf8.count)"] + fields
            try client.send("POST / HTTP/1.1\r\n\(lines.joined(separator: "\r\n"))\r\n\r\n\(body)")
            let response = try client.response()
            answer.withLock { $0 = response }
        }
        return try #require(answer.withLock { $0 })
    }
}
