internal import HTTP1

/// Puts a format together, piece by piece.
struct AccessLogFormatBuilder {
    let style: AccessLogFormat.Style
    private(set) var pieces: [AccessLogFormat.Piece] = []
    private(set) var literals: [UInt8] = []
    private(set) var layouts: [TimeLayout] = []
    private(set) var texts: [String] = []
    private(set) var plan = CapturePlan()

    /// Time layouts of a format, and texts of its own: a byte tells them apart.
    static let maxListCount = 64

    init(style: AccessLogFormat.Style) {
        self.style = style
    }

    /// `key=value` pairs of ours.
    init(pairs: [(String, String, String?)]) {
        self.init(style: .pairs)
        for (name, type, argument) in pairs {
            append(literal: (pieces.isEmpty ? "" : " ") + name + "=")
            appendOwn(type, argument)
        }
    }

    /// A JSON object of ours.
    init(members: [(String, String, String?)]) {
        self.init(style: .json)
        for (index, (name, type, argument)) in members.sorted(by: { $0.0 < $1.0 }).enumerated() {
            append(literal: (index == 0 ? "{" : ",") + "\"\(name)\":")
            appendOwn(type, argument)
        }
        append(literal: "}")
    }

    private mutating func appendOwn(_ type: String, _ argument: String?) {
        do {
            append(try value(type: type, argument: argument))
        } catch {
            preconditionFailure("a preset of ours: \(error)")
        }
    }

    // MARK: Pieces

    /// Appends what stands for itself.
    mutating func append(literal text: String) {
        append(literal: Array(text.utf8))
    }

    mutating func append(literal bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        // Literals that meet are one. The format's length bounds them far below 2³¹.
        if case .literal(let start, let count) = pieces.last {
            pieces.removeLast()
            pieces.append(.literal(start: start, count: count + Int32(bytes.count)))
        } else {
            pieces.append(
                .literal(start: Int32(literals.count), count: Int32(bytes.count)))
        }
        literals += bytes
    }

    mutating func append(_ value: AccessLogValue) {
        switch value {
        case .user, .requestID, .traceID, .traceOrRequestID, .reason: plan.wantsNotes = true
        case .client, .port, .identity, .received, .requestLine, .method, .path, .rawPath,
            .markedQuery, .query, .target, .protocolVersion, .field, .status, .bodyBytesOutOrDash,
            .bodyBytesOut, .bytesOut, .bytesIn, .bodyBytesIn, .processTime, .firstByteTime,
            .value, .route, .connection, .ordinal, .isReused, .engine, .instance, .phase,
            .drainTime, .text:
            break
        }
        pieces.append(.value(value))
    }

    // MARK: Values with names

    mutating func field(_ name: String) throws(AccessLogFormatError) -> AccessLogValue {
        guard FieldSyntax.isToken(name.utf8.span) else {
            throw AccessLogFormatError(
                "names a request field '\(name)', which is no name of a field",
                "give one such as User-Agent")
        }
        guard let number = plan.field(name) else { throw Self.tooMany("request fields") }
        return .field(number)
    }

    mutating func received(_ layout: String) throws(AccessLogFormatError) -> AccessLogValue {
        let layout = try TimeLayout(layout)
        return .received(
            layout: try Self.place(of: layout, in: &layouts, "time layouts"))
    }

    mutating func value(named name: String) throws(AccessLogFormatError) -> AccessLogValue {
        guard let number = plan.value(name) else { throw Self.tooMany("values") }
        return .value(number)
    }

    mutating func text(_ text: String) throws(AccessLogFormatError) -> AccessLogValue {
        .text(try Self.place(of: text, in: &texts, "texts"))
    }

    private static func place<Element: Equatable>(
        of element: Element, in list: inout [Element], _ name: String
    ) throws(AccessLogFormatError) -> UInt8 {
        if let index = list.firstIndex(of: element) { return UInt8(index) }
        guard list.count < maxListCount else { throw tooMany(name) }
        list.append(element)
        return UInt8(list.count - 1)
    }

    private static func tooMany(_ what: String) -> AccessLogFormatError {
        AccessLogFormatError(
            "names too many \(what)",
            "give at most \(CapturePlan.maxNameCount) fields and values, and \(maxListCount) time "
                + "layouts and texts")
    }
}
