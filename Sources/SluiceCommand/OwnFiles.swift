internal import Sluice

/// The files that are served under `/static/` unless there is a folder for that.
enum OwnFiles {
    static let all = [
        StaticFiles.Embedded("index.html", index), StaticFiles.Embedded("test.html", test),
        StaticFiles.Embedded("style.css", style),
    ]

    private static let index = """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Sluice</title>
        <link rel="stylesheet" href="style.css">
        <h1>Sluice</h1>
        <p>It works. These files are part of the program; <code>--static-dir DIR</code> puts a
        folder of yours in their place.</p>
        <ul>
        <li><a href="test.html">a test page</a></li>
        <li><a href="/stream">a streamed answer</a></li>
        <li><a href="/health">health</a></li>
        </ul>

        """

    private static let test = """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Test</title>
        <link rel="stylesheet" href="style.css">
        <h1>Test</h1>
        <p>A page with a style sheet: when this line is in a serif font, the sheet has not come.</p>
        <p><a href="./">back</a></p>

        """

    private static let style = """
        body {
            font: 1em/1.5 system-ui, sans-serif;
            margin: 3em auto;
            max-width: 40em;
            padding: 0 1em;
        }

        """
}
