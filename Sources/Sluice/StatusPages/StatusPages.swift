internal import Presentation
internal import Synchronization
internal import Syscalls

/// The status pages of one server: what they show, whatever form it is sent in.
final class StatusPages: Sendable {
    /// What a request says to a page; nothing of it outlives it.
    struct Question: Sendable {
        let form: StatusForm
        /// What stands behind the page's path, decoded.
        let rest: String
        /// The query: the first value of each key.
        let query: [String: String]

        init(form: StatusForm, rest: String = "", query: [String: String] = [:]) {
            self.form = form
            self.rest = rest
            self.query = query
        }

        /// - Throws: 400 for a form that there is not, and for a path that cannot be decoded.
        init(_ request: borrowing Request) throws(HTTPError) {
            form = try StatusForm(for: request)
            guard let rest = request.unresolvedPathDecoded else { throw HTTPError(.badRequest) }
            self.rest = rest
            query = Dictionary(request.query.all) { first, _ in first }
        }
    }

    /// What is sent.
    struct Answer: Sendable {
        var status = Status.ok
        let form: StatusForm
        let body: String
        /// What the style of a page is let through by; `nil`: there is none.
        var nonce: String?
    }

    let inside: ServerInside
    let slow: SlowRequests?
    let history: StatusHistory
    /// All routes of the server; these pages are among them.
    var routes: [RouteDescription] { knownRoutes.withLock { $0 } }
    private let knownRoutes = Mutex<[RouteDescription]>([])
    /// The program's, not the protocol's.
    let version: String
    /// Holds the thread that fills the history; `nil`: there is none, and pages show no rates.
    private let sampler: StatusSampler?
    /// Where pages are made on the reactor: a thread of their own, so that they are there when all
    /// others are busy.
    let pool = OffloadPool(threads: 1, queue: 64)

    init(inside: ServerInside, slow: SlowRequests?, version: String) {
        self.inside = inside
        self.slow = slow
        self.version = version
        // Without a thread to spare the server serves on, and the pages show what they can.
        sampler = try? StatusSampler(inside)
        history = sampler?.history ?? StatusHistory()
    }

    /// Says what routes there are, once all of them are registered.
    func note(_ routes: [RouteDescription]) {
        knownRoutes.withLock { $0 = routes }
    }

    /// One of the pages.
    struct Page: Sendable {
        let path: String
        let title: String
        /// What is behind the path belongs to it.
        var takesRest = false
        /// It is made in less time than it takes to hand it to another thread.
        var isQuick = false
        let show: @Sendable (StatusPages, Question) throws -> Answer
    }

    /// All of them, in the order of their list.
    static let all: [Page] = [
        page("/_status", "Status") { pages, _ in pages.overview() },
        page("/_status/connections", "Connections") { try $0.connections($1) },
        page("/_status/vars", "Variables", takesRest: true) { try $0.variables($1) },
        page("/_status/routes", "Routes") { pages, _ in pages.routeTable() },
        page("/_status/slow", "Slow requests") { pages, _ in pages.slowRequests() },
        page("/_status/threads", "Threads") { pages, _ in pages.threads() },
        page("/_status/config", "Configuration") { pages, _ in pages.settings() },
        Page(path: "/_status/health", title: "Health", isQuick: true) { $0.health($1) },
        page("/_status/version", "Version") { pages, _ in pages.versions() },
    ]

    private static func page(
        _ path: String, _ title: String, takesRest: Bool = false,
        _ document: @escaping @Sendable (StatusPages, Question) throws -> StatusDocument
    ) -> Page {
        Page(path: path, title: title, takesRest: takesRest) { pages, question in
            var shown = try document(pages, question)
            shown.place = path
            return pages.answer(shown, to: question)
        }
    }

    /// A document in the form that was asked for.
    func answer(_ document: StatusDocument, to question: Question) -> Answer {
        switch question.form {
        case .text: return Answer(form: .text, body: document.text)
        case .json: return Answer(form: .json, body: document.json.text)
        case .html:
            let nonce = Self.makeNonce()
            let links =
                Self.all.map { (path: $0.path, title: $0.title) }
                + [(path: Dashboard.path, title: "Dashboard")]
            return Answer(
                form: .html, body: document.html(pages: links, nonce: nonce), nonce: nonce)
        }
    }

    /// 128 random bits, so that no text that has got into a page can guess it.
    static func makeNonce() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension Response {
    /// Sends a status page, for nobody to keep, to frame, or to run anything in.
    mutating func send(_ page: StatusPages.Answer) throws(InvalidField) {
        status = page.status
        try send(page.body, as: page.form.contentType)
        try setField("Cache-Control", "no-store")
        try setField("Vary", "Accept, User-Agent")
        try setField("X-Content-Type-Options", "nosniff")
        guard let nonce = page.nonce else { return }
        try setField(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'nonce-\(nonce)'; img-src data:; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'")
        try setField("Referrer-Policy", "no-referrer")
    }
}
