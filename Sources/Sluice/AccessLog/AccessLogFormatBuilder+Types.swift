internal import Presentation

// Types: the words by which members of a JSON line, and `%{TYPE}x`, say what they show.

extension AccessLogFormatBuilder {
    /// Members of a JSON line: more would make lines that nobody reads.
    static let maxMemberCount = 128

    /// Types that take no argument.
    static let types: [String: AccessLogValue] = [
        // Granitic's.
        "REMOTE": .client, "HTTP_METHOD": .method, "PATH": .path, "REQ_PATH": .path,
        "QUERY": .query, "STATUS": .status, "BYTES_OUT": .bodyBytesOut,
        "REQUEST_LINE": .requestLine, "INSTANCE_ID": .instance,
        // Ours.
        "PORT": .port, "RAW_PATH": .rawPath, "TARGET": .target, "PROTOCOL": .protocolVersion,
        "BYTES_IN": .bytesIn, "BODY_BYTES_IN": .bodyBytesIn, "TOTAL_BYTES_OUT": .bytesOut,
        "ROUTE": .route, "REQUEST_ID": .requestID, "TRACE_ID": .traceID,
        "CORRELATION_ID": .traceOrRequestID, "CONNECTION_ID": .connection,
        "REQUEST_NUMBER": .ordinal, "REUSED": .isReused, "REASON": .reason, "USER": .user,
        "ENGINE": .engine, "PHASE": .phase, "DRAIN_TIME": .drainTime,
    ]

    /// Types that take one.
    static let typesWithArgument = [
        "CONTEXT_VALUE", "REQ_HEADER", "RECEIVED", "PROCESS_TIME", "TTFB", "TEXT",
    ]

    /// What a type shows.
    mutating func value(
        type: String, argument: String?
    ) throws(AccessLogFormatError) -> AccessLogValue {
        if let value = Self.types[type] {
            guard argument == nil else {
                throw AccessLogFormatError(
                    "has an argument that \(type) does not take", "give \(type) alone")
            }
            return value
        }
        guard Self.typesWithArgument.contains(type) else {
            let all = (Array(Self.types.keys) + Self.typesWithArgument).sorted()
            throw AccessLogFormatError(
                "has a type '\(type)' that there is not",
                "give one of \(all.joined(separator: " "))")
        }
        guard let argument else {
            throw AccessLogFormatError(
                "has a \(type) without its argument", "give it behind the type")
        }
        switch type {
        case "CONTEXT_VALUE": return try value(named: argument)
        case "REQ_HEADER": return try field(argument)
        case "RECEIVED": return try received(argument)
        case "PROCESS_TIME": return .processTime(try Self.unit(argument))
        case "TTFB": return .firstByteTime(try Self.unit(argument))
        default: return try text(argument)
        }
    }

    private static func unit(_ name: String) throws(AccessLogFormatError) -> AccessLogTimeUnit {
        switch name.uppercased() {
        case "SECONDS": return .seconds
        case "MILLI": return .milliseconds
        case "MICRO": return .microseconds
        case "EXACT": return .exactMilliseconds
        default:
            throw AccessLogFormatError(
                "has a time unit '\(name)' that there is not",
                "give SECONDS, MILLI, MICRO, or EXACT for milliseconds with three decimals")
        }
    }

    /// Reads a JSON array of members.
    init(jsonFields bytes: [UInt8]) throws(AccessLogFormatError) {
        self.init(style: .json)
        let members = try Self.members(bytes)
        for (index, member) in members.sorted(by: { $0.name < $1.name }).enumerated() {
            let name = JSONValue.string(member.name).compactText
            append(literal: (index == 0 ? "{" : ",") + name + ":")
            do {
                append(try value(type: member.type, argument: member.argument))
            } catch {
                throw AccessLogFormatError("\(error.problem) ('\(member.name)')", error.cure)
            }
        }
        append(literal: "}")
    }

    private static func members(
        _ bytes: [UInt8]
    ) throws(AccessLogFormatError) -> [(name: String, type: String, argument: String?)] {
        let cure = #"give an array such as [["Path", "PATH"], ["Host", "REQ_HEADER", "Host"]]"#
        let array: [JSONValue]?
        do {
            array = try JSONParser.parse(bytes).array
        } catch {
            throw AccessLogFormatError("is \(error)", cure)
        }
        guard let array, !array.isEmpty else {
            throw AccessLogFormatError("is no JSON array of fields", cure)
        }
        guard array.count <= maxMemberCount else {
            throw AccessLogFormatError("has too many fields", "give at most \(maxMemberCount)")
        }
        var names: Set<String> = []
        var members: [(name: String, type: String, argument: String?)] = []
        for (index, element) in array.enumerated() {
            let texts = element.array?.compactMap(\.string) ?? []
            guard (2...3).contains(texts.count), texts.count == element.array?.count else {
                throw AccessLogFormatError(
                    "has a field, number \(index + 1), that is not [name, type] or "
                        + "[name, type, argument]", cure)
            }
            guard names.insert(texts[0]).inserted else {
                throw AccessLogFormatError(
                    "has two fields '\(texts[0])'", "give each a name of its own")
            }
            members.append((texts[0], texts[1], texts.count == 3 ? texts[2] : nil))
        }
        return members
    }
}
