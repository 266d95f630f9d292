/// Values of your own that travel with a request, by the type of their key.
///
/// They live as long as the exchange, so what must be given back when it is over can be an object
/// that does so in its `deinit`. The first value allocates.
public struct RequestValues: Sendable {
    private var values: [ObjectIdentifier: any Sendable]?

    /// No values.
    public init() {}

    /// Nothing has been set.
    var isEmpty: Bool { values == nil }

    /// The value of a key; `nil` until it is set.
    public subscript<Key: RequestKey>(key: Key.Type) -> Key.Value? {
        get {
            // Casting nothing is a call of the runtime's, too.
            guard let values else { return nil }
            return values[ObjectIdentifier(key)] as? Key.Value
        }
        set {
            if values == nil { values = [:] }
            values?[ObjectIdentifier(key)] = newValue
        }
    }

    /// Takes over all values of another, which win.
    public mutating func merge(_ other: RequestValues) {
        guard let others = other.values else { return }
        values = (values ?? [:]).merging(others) { $1 }
    }
}

/// Names a value that travels with a request.
///
///     enum CurrentUser: RequestKey { typealias Value = User }
///     request[CurrentUser.self] = user
public protocol RequestKey {
    /// The type of the value.
    associatedtype Value: Sendable
}
