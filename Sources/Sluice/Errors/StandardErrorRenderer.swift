internal import HTTPEngine
internal import Presentation

/// Writes errors as text, as problem details (RFC 9457) or as a small page.
public struct StandardErrorRenderer: ErrorRenderer {
    private let format: ErrorFormat?

    /// A renderer.
    ///
    /// - Parameter format: How every error is written; `nil`: as the client's `Accept` prefers.
    public init(format: ErrorFormat? = nil) {
        self.format = format
    }

    /// Sends the error; cannot fail.
    public func render(
        _ error: HTTPError, _ context: borrowing ErrorContext, into response: inout Response
    ) {
        if format == nil && context.method != nil {
            // A cache must not give one client's form to another (RFC 9110 §12.5.5).
            try? response.addField("Vary", "Accept")
        }
        switch format ?? context.format {
        case .text: Self.sendText(error, id: context.id, &response)
        case .json:
            Self.sendProblem(error, id: context.id, requestID: context.requestID, &response)
        case .html:
            Self.sendPage(error, id: context.id, requestID: context.requestID, &response)
        }
    }

    /// `404 Not Found: there is nothing here`, as `text/plain`: the form that always works.
    static func sendText(_ error: HTTPError, id: String?, _ response: inout Response) {
        response.send(title(of: error.status))
        if !error.message.isEmpty {
            response.append(": ")
            response.append(error.message)
        }
        if let id {
            response.append(" (error \(id))")
        }
        response.append("\n")
    }

    private static func sendProblem(
        _ error: HTTPError, id: String?, requestID: String?, _ response: inout Response
    ) {
        var members = [JSONValue.Member("type", .string("about:blank"))]
        func add(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            members.append(JSONValue.Member(name, .string(value)))
        }
        add("title", error.status.reasonPhrase)
        members.append(JSONValue.Member("status", .integer(error.status.code)))
        add("detail", error.message)
        add("code", error.code)
        add("field", error.field)
        add("id", id)
        add("request_id", requestID)
        response.replaceBody(.problem)
        response.append(JSONValue.object(members).compactText)
    }

    private static func sendPage(
        _ error: HTTPError, id: String?, requestID: String?, _ response: inout Response
    ) {
        let title = title(of: error.status)
        var page = """
            <!DOCTYPE html>
            <html lang="en">
            <meta charset="utf-8">
            <title>\(title)</title>
            <h1>\(title)</h1>

            """
        func add(_ text: String?, _ before: String, _ after: String) {
            guard let text, !text.isEmpty else { return }
            page += "<p>" + before + text.escapedForHTML + after + "</p>\n"
        }
        add(error.message, "", "")
        add(error.field, "in: <code>", "</code>")
        add(id, "error <code>", "</code>")
        add(requestID, "request <code>", "</code>")
        response.send(html: page)
    }

    /// `404 Not Found`, or `499`.
    private static func title(of status: Status) -> String {
        let reason = status.reasonPhrase
        return reason.isEmpty ? String(status.code) : "\(status.code) \(reason)"
    }
}
