internal import HTTPEngine

/// Sets fields on every answer that does not have them: those of handlers, and those to errors.
///
///     try router.use(DefaultFields([
///         "X-Content-Type-Options": "nosniff",
///         "Referrer-Policy": "no-referrer",
///     ]))
///
/// At the router's root it also stands around what no route answers: 404, 405, OPTIONS. What the
/// server refuses without it has none around it: a head that cannot be parsed, a body whose
/// announced length is beyond the limit, a deadline that has passed, a route that is at its
/// `maxConcurrent`. Used first, it comes last, and sees what all other middleware has set.
///
/// Costs one look at the answer's field lines for each field; allocates nothing.
public struct DefaultFields: Middleware {
    private struct Field: Sendable {
        let name: [UInt8]
        let value: [UInt8]
    }

    private let fields: [Field]

    /// Fields and their values, in the order in which they go out. A name that comes more than once
    /// makes so many lines.
    ///
    /// - Throws: `InvalidField` as `Response.setField`, for the first that an answer cannot carry.
    public init(_ fields: KeyValuePairs<String, String>) throws(InvalidField) {
        try self.init(fields.map { (name: $0.key, value: $0.value) })
    }

    /// The same, for fields that the program has put together.
    ///
    /// - Throws: `InvalidField`.
    public init(_ fields: [(name: String, value: String)]) throws(InvalidField) {
        // An answer takes them or says what is wrong.
        var trial = Response(ResponseMessage())
        for field in fields { try trial.addField(field.name, field.value) }
        self.fields = fields.map { Field(name: Array($0.name.utf8), value: Array($0.value.utf8)) }
    }

    /// Adds what is missing.
    public func after(_ request: borrowing Request, _ response: inout Response) {
        let byteCount = response.fieldsByteCount
        for field in fields {
            if response.hasField(field.name.span, within: byteCount) { continue }
            // An answer has taken it before.
            try? response.message.appendField(name: field.name.span, value: field.value.span)
        }
    }
}
