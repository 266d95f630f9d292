/// Which texts of an exchange are kept until it is over, beside method, target and client.
struct CapturePlan: Equatable, Sendable {
    /// Fields that a plan may name, and values of the user's own: each costs a comparison of lengths
    /// per field line, and a byte tells them apart.
    static let maxNameCount = 32

    /// Names of request fields, in lower case.
    private(set) var fieldNames: [String] = []
    /// Names of values that handlers set for the log.
    private(set) var valueNames: [String] = []
    /// User, request id, trace and reason.
    var wantsNotes = false

    /// The number of a request field, whose first line is kept; `nil`: there are too many.
    mutating func field(_ name: String) -> UInt8? {
        Self.place(of: name.lowercased(), in: &fieldNames)
    }

    /// The number of a value of the user's own; `nil`: there are too many.
    mutating func value(_ name: String) -> UInt8? {
        Self.place(of: name, in: &valueNames)
    }

    private static func place(of name: String, in names: inout [String]) -> UInt8? {
        if let index = names.firstIndex(of: name) { return UInt8(index) }
        guard names.count < maxNameCount else { return nil }
        names.append(name)
        return UInt8(names.count - 1)
    }
}
