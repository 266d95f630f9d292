/// The dashboard's page: one file with its style and its script, no outside resource. The script is
/// in `DashboardPage+Script.swift`, the style in `DashboardPage+Style.swift`.
enum DashboardPage {
    /// The page.
    ///
    /// - Parameter nonce: What the answer's policy lets style and script through by.
    static func html(nonce: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Dashboard</title>
        <link rel="icon" href="data:,">
        <style nonce="\(nonce)">
        \(style)
        </style>
        \(body)
        <script nonce="\(nonce)">
        \(script)
        </script>

        """
    }

    private static let body = """
        <header>
        <div>
        <h1>Dashboard</h1>
        <p id="about">&nbsp;</p>
        </div>
        <p id="link" class="pill" role="status">connecting</p>
        </header>
        <p id="banner" role="status" hidden></p>
        <noscript><p>This page needs JavaScript. The same numbers without it are at
        <a href="/_status">/_status</a>.</p></noscript>
        <main>
        <section id="tiles" aria-label="Now"></section>
        <div class="bar">
        <p id="moment">&nbsp;</p>
        <fieldset><legend>Time shown</legend>
        <label><input type="radio" name="span" value="60"> 1 min</label>
        <label><input type="radio" name="span" value="300" checked> 5 min</label>
        </fieldset>
        </div>
        <section id="charts" aria-label="The last minutes"></section>
        <section aria-labelledby="busiest">
        <h2 id="busiest">Busiest routes <small>in the last seconds</small></h2>
        <div class="wide" tabindex="0" role="region" aria-labelledby="busiest">
        <table><thead><tr><th scope="col">Route</th><th scope="col">Requests/s</th>
        <th scope="col">4xx/s</th><th scope="col">5xx/s</th><th scope="col">p50</th>
        <th scope="col">p95</th><th scope="col">p99</th></tr></thead>
        <tbody id="routes"></tbody></table>
        </div>
        </section>
        <details>
        <summary>The last 20 seconds as a table</summary>
        <div class="wide" tabindex="0" role="region" aria-label="The last 20 seconds">
        <table><thead><tr id="names"></tr></thead><tbody id="numbers"></tbody></table>
        </div>
        </details>
        </main>
        <footer><a href="/_status">Status pages</a></footer>
        """
}

extension Response {
    /// Sends the dashboard's page, which runs its own script and nothing else, and talks to nobody
    /// but its server.
    mutating func sendDashboard() throws(InvalidField) {
        let nonce = StatusPages.makeNonce()
        send(html: DashboardPage.html(nonce: nonce))
        try setField("Cache-Control", "no-store")
        try setField("X-Content-Type-Options", "nosniff")
        try setField("Referrer-Policy", "no-referrer")
        try setField(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; "
                + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                + "frame-ancestors 'none'")
    }
}
