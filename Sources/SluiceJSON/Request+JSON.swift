// SluiceJSON: JSON bodies as Codable values.
//
// Knows Sluice and FoundationEssentials. It is a library of its own, because Foundation costs a
// program some megabytes and a part of its start: a server that needs no Codable links none of it.

public import FoundationEssentials
public import Sluice

extension Request {
    /// The body as a value, out of JSON (RFC 8259). O(body), copies it once.
    ///
    ///     let order = try request.decode(Order.self)
    ///
    /// - Parameter decoder: What decides about dates, keys and data; one can be shared by all
    ///   handlers once it is set up.
    /// - Throws: `HTTPError` 415 `unsupported_media_type` unless the body is `application/json` or of
    ///   another type that ends in `+json`; 400 `invalid_json` when it is no JSON, or not of this
    ///   shape, with the member at fault as its field, such as `items.0.price`. Neither shows what
    ///   the body holds. What else an initialiser of the value's throws is passed on.
    public func decode<Value: Decodable>(
        _ type: Value.Type, with decoder: JSONDecoder = JSONDecoder()
    ) throws -> Value {
        try requireContentType(["*/*+json"])
        do {
            return try decoder.decode(type, from: Data(copying: body))
        } catch let error as DecodingError {
            throw HTTPError(error)
        }
    }
}

extension Response {
    /// Replaces the body by a value, as `application/json` (RFC 8259).
    ///
    ///     try response.send(json: order, status: .created)
    ///
    /// - Parameter encoder: What decides about dates, keys, order and data.
    /// - Throws: What the encoder or the value throws; a number that JSON does not have, such as
    ///   NaN, is one. The answer is not changed then.
    public mutating func send<Value: Encodable>(
        json value: Value, status: Status? = nil, with encoder: JSONEncoder = .answering
    ) throws {
        let data = try encoder.encode(value)
        send(data.span)
        try setField("Content-Type", "application/json")
        if let status { self.status = status }
    }
}

extension Data {
    /// A copy. O(n).
    init(copying bytes: Span<UInt8>) {
        self.init(count: bytes.count)
        var copy = mutableSpan
        for index in bytes.indices { copy[index] = bytes[index] }
    }
}

extension HTTPError {
    /// What is wrong with a body, without a byte of it.
    init(_ error: DecodingError) {
        let (context, reason): (DecodingError.Context?, String)
        var path: [any CodingKey] = []
        switch error {
        case .typeMismatch(let type, let found):
            (context, reason) = (found, "is no \(Self.name(of: type))")
        case .valueNotFound(let type, let found):
            (context, reason) = (found, "is null and should be a \(Self.name(of: type))")
        case .keyNotFound(let key, let found):
            (context, reason) = (found, "is missing")
            path = [key]
        case .dataCorrupted(let found):
            // Without a place it is no JSON at all.
            (context, reason) = (found, "has no valid value")
        @unknown default:
            (context, reason) = (nil, "cannot be read")
        }
        let keys = (context?.codingPath ?? []) + path
        let field = keys.map(Self.text).joined(separator: ".")
        self.init(
            .badRequest, code: "invalid_json",
            message: field.isEmpty
                ? "the body is no JSON of the expected shape" : "'\(field)' \(reason)",
            field: field.isEmpty ? nil : field)
    }

    private static func text(_ key: any CodingKey) -> String {
        key.intValue.map(String.init) ?? key.stringValue
    }

    /// A word that clients of any language understand; the names of our types are ours.
    private static func name(of type: Any.Type) -> String {
        switch type {
        case is String.Type: "string"
        case is Bool.Type: "boolean"
        case is any BinaryInteger.Type, is any BinaryFloatingPoint.Type: "number"
        case is [Any].Type: "array"
        case is [String: Any].Type: "object"
        default: "value of the expected kind"
        }
    }
}

extension JSONEncoder {
    /// What answers are encoded with unless something else is said: members sorted by name, so that
    /// equal values are equal texts (which caches and tests compare), and slashes as they are.
    public static var answering: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
