/// In which form a status page is sent.
enum StatusForm: String, Sendable, CaseIterable {
    /// For terminals.
    case text
    /// For browsers.
    case html
    /// For programs.
    case json

    var contentType: String {
        switch self {
        case .text: "text/plain; charset=utf-8"
        case .html: "text/html; charset=utf-8"
        case .json: "application/json"
        }
    }

    /// As it says in its query (`format=text|html|json`; `console=1|0` for text and HTML); else as
    /// its `Accept` prefers; and where that takes anything, as curl's does, text for clients that do
    /// not say who they are, and for curl and wget, and HTML for all others.
    ///
    /// - Throws: 400 for a format that there is not.
    init(for request: borrowing Request) throws(HTTPError) {
        let query = request.query
        if let format = query["format"] {
            guard let form = StatusForm(rawValue: format) else {
                throw HTTPError(
                    .badRequest, code: "invalid_parameter",
                    message: "format is none of text, html and json", field: "format")
            }
            self = form
            return
        }
        if query.has("console") {
            self = query["console"] == "0" ? .html : .text
            return
        }
        let usual = Self.usual(for: request.fields["User-Agent"])
        let offers = [usual] + Self.allCases.filter { $0 != usual }
        let types = offers.map { String($0.contentType.prefix { $0 != ";" }) }
        let type = request.preferredType(of: types)
        self = offers.first { type.map($0.contentType.hasPrefix) ?? false } ?? usual
    }

    private static func usual(for agent: String?) -> StatusForm {
        guard let agent, !agent.isEmpty else { return .text }
        return ["curl/", "Wget/", "HTTPie/"].contains { agent.contains($0) } ? .text : .html
    }
}
