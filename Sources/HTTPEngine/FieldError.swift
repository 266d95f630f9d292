/// Why a field line was not taken.
package enum FieldError: Error, Sendable {
    /// The name is no token (RFC 9110 §5.6.2).
    case invalidName
    /// The value holds a control byte (RFC 9110 §5.5).
    case invalidValue
    /// The field frames the message or the connection, which is the engine's work.
    case reservedName
}
