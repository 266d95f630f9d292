/// Paths and the names of what answers them, in one string, as brpc writes its mappings:
/// `"/v1/queue/start => start, /v1/queue/stats/* => get_stats"`.
///
/// Lenient as there: the arrow is one `=` or more and `>`, spaces around paths and names count for
/// nothing, and neither do empty items, so that the last may end with a comma.
struct MappingString {
    /// One item.
    struct Mapping: Equatable {
        let path: String
        let name: String
    }

    private(set) var mappings: [Mapping] = []

    /// - Throws: `RouteError` that names every item that cannot be.
    init(_ text: String) throws(RouteError) {
        var problems: [String] = []
        for item in text.split(separator: ",") {
            let item = Self.trimmed(item)
            guard !item.isEmpty else { continue }
            guard let end = item.firstIndex(of: ">"), item[..<end].hasSuffix("=") else {
                problems.append("mapping '\(item)': no arrow; write PATH => NAME")
                continue
            }
            var path = item[..<end]
            while path.hasSuffix("=") { path.removeLast() }
            path = Self.trimmed(path)
            let name = Self.trimmed(item[item.index(after: end)...])
            if path.isEmpty {
                problems.append("mapping '\(item)': no path before the arrow; the root is /")
            } else if name.isEmpty {
                problems.append("mapping '\(item)': no name behind the arrow")
            } else {
                mappings.append(Mapping(path: String(path), name: String(name)))
            }
        }
        guard problems.isEmpty else { throw RouteError(problems) }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
