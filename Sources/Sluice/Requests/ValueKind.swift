/// What the type of a value is called to clients, who know nothing of Swift's.
enum ValueKind {
    /// `whole number that fits`: behind "is no". Costs a few casts; for errors only.
    static func name(of type: Any.Type) -> String {
        switch type {
        case is any FixedWidthInteger.Type: "whole number that fits"
        case is any BinaryFloatingPoint.Type: "number"
        case is Bool.Type: "truth value (true or false)"
        default: "\(type)"
        }
    }
}
