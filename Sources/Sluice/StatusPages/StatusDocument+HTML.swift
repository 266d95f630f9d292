internal import Presentation

extension StatusDocument {
    /// A page of its own: no script, no outside resource, and nothing in it that is not escaped.
    ///
    /// - Parameters:
    ///   - pages: What there is, for the list at its top.
    ///   - nonce: What the answer's policy lets its style through by.
    func html(pages: [(path: String, title: String)], nonce: String) -> String {
        var body = ""
        for section in sections {
            if !section.title.isEmpty { body += "<h2>\(section.title.escapedForHTML)</h2>\n" }
            switch section.content {
            case .pairs(let pairs): body += Self.list(pairs)
            case .table(let columns, let rows): body += Self.table(columns, rows, section.title)
            }
            if !section.note.isEmpty { body += "<p>\(section.note.escapedForHTML)</p>\n" }
        }
        let links = pages.map { page in
            let mark = page.path == place ? " aria-current=\"page\"" : ""
            return "<a href=\"\(page.path.escapedForHTML)\"\(mark)>\(page.title.escapedForHTML)</a>"
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(title.escapedForHTML)</title>
            <link rel="icon" href="data:,">
            <style nonce="\(nonce)">
            \(Self.style)
            </style>
            <nav aria-label="Status pages">\(links.joined(separator: "\n"))</nav>
            <main>
            <h1>\(title.escapedForHTML)</h1>
            \(body)</main>

            """
    }

    private static func list(_ pairs: [Pair]) -> String {
        var html = "<dl>\n"
        for pair in pairs {
            html += "<div><dt>\(pair.title.escapedForHTML)</dt><dd>\(cell(pair.value))</dd></div>\n"
        }
        return html + "</dl>\n"
    }

    private static func table(_ columns: [Column], _ rows: [[Value]], _ title: String) -> String {
        guard !rows.isEmpty else { return "<p>none</p>\n" }
        let classes = columns.indices.map { column in
            rows.contains { $0[column].isNumber } ? " class=\"n\"" : ""
        }
        var html = "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
        html += "aria-label=\"\(title.escapedForHTML)\"><table>\n<tr>"
        for (column, mark) in zip(columns, classes) {
            html += "<th scope=\"col\"\(mark)>\(column.title.escapedForHTML)</th>"
        }
        html += "</tr>\n"
        for row in rows {
            html += "<tr>"
            for (value, mark) in zip(row, classes) { html += "<td\(mark)>\(cell(value))</td>" }
            html += "</tr>\n"
        }
        return html + "</table></div>\n"
    }

    private static func cell(_ value: Value) -> String {
        let text = value.text.escapedForHTML
        switch value {
        case .link(_, let target): return "<a href=\"\(target.escapedForHTML)\">\(text)</a>"
        case .numbers(let numbers): return curve(numbers)
        case .none, .text, .count, .bytes, .seconds, .rate, .byteRate, .share, .number:
            return text
        }
    }

    /// A line of a series from nothing to its largest number, which is written beside it.
    private static func curve(_ numbers: [Double]) -> String {
        let largest = numbers.filter(\.isFinite).max() ?? 0
        let points = numbers.enumerated().filter { $1.isFinite }.map { index, number in
            let height = largest > 0 ? 22 - 20 * max(0, number) / largest : 22
            return "\(index * 3),\(Format.fixed(height, 1))"
        }
        return "<svg width=\"180\" height=\"24\" role=\"img\" aria-label=\"series\"><polyline "
            + "fill=\"none\" stroke=\"currentColor\" points=\"\(points.joined(separator: " "))\"/>"
            + "</svg> ≤ \(Value.number(largest).text)"
    }

    /// Light or dark as the reader's system is; tables scroll by themselves on narrow screens.
    private static let style = """
        :root { color-scheme: light dark; --line: #d8dee4; --soft: #57606a; --back: #f6f8fa }
        @media (prefers-color-scheme: dark) {
        :root { --line: #30363d; --soft: #8b949e; --back: #161b22 }
        }
        body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem;
        padding: 0 1rem 3rem }
        nav { border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap;
        gap: .25rem 1rem; padding: .75rem 0 }
        nav a { color: inherit; text-decoration: none }
        nav a:hover, nav a[aria-current] { text-decoration: underline;
        text-underline-offset: .3em }
        h1 { font-size: 1.4rem; margin: 1.25rem 0 .5rem }
        h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem }
        p { color: var(--soft) }
        dl { display: grid; gap: 0 2rem; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr));
        margin: 0 }
        dl div { border-bottom: 1px solid var(--line); display: flex; gap: 1rem;
        justify-content: space-between; padding: .25rem 0 }
        dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere; text-align: right }
        dd, td { font-variant-numeric: tabular-nums }
        .wide { overflow-x: auto }
        table { border-collapse: collapse; width: 100% }
        th, td { border-bottom: 1px solid var(--line); padding: .25rem .75rem .25rem 0;
        text-align: left; white-space: nowrap }
        th { color: var(--soft); font-weight: 500 } .n { text-align: right }
        tr:hover td { background: var(--back) }
        """
}
