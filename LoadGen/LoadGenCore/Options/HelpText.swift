internal import Presentation

/// What `--help` prints: 80 columns, made of the table that the parser reads.
package enum HelpText {
    /// Where the explanations begin.
    private static let helpColumn = 30

    /// The whole text.
    package static let text: String = {
        var text = """
            loadgen \(LoadGen.version): loads an HTTP/1.1 server and tells what came of it.

              loadgen http://127.0.0.1:8080/ -c 200 -d 10s            as much as it takes
              loadgen http://127.0.0.1:8080/ -c 200 -d 10s -p 16      pipelined
              loadgen http://127.0.0.1:8080/ -c 100 -d 30s -R 20000   at a fixed rate
              loadgen merge a.json b.json                             add runs of machines

            Without --rate the loop is closed: a connection sends when an answer made
            room. That tells how many requests a server manages, and flatters its latency.
            With --rate the loop is open: requests are due by the clock, and latency counts
            from then, so that a stall shows in every request it delayed.

            """
        for group in OptionSpecification.Group.allCases {
            text += "\n\(group.rawValue)\n"
            for option in OptionSpecification.all where option.group == group {
                text += entry(option)
            }
        }
        text += """

            -h --help                   this text
            --version                   the version

            TIME is 10, 10s, 500ms, 2m or 1h; a bare number is seconds. SIZE is 512, 64k or
            10M. Path and body may hold {seq}, which counts requests, and {rand:1-1000}.

            Exit codes
              0    done
              1    could not run: no connection ever succeeded
              2    the command line is wrong
              3    --max-error-rate or --slo was broken
              130  interrupted; the report shows what there was

            """
        return text
    }()

    private static func entry(_ option: OptionSpecification) -> String {
        var head = "  " + option.names.joined(separator: " ")
        if let placeholder = option.placeholder { head += " " + placeholder }
        var lines: [String] = []
        if head.count < helpColumn {
            lines.append(head.rightPadded(to: helpColumn) + (option.help.first ?? ""))
        } else {
            lines.append(head)
            lines.append(String(repeating: " ", count: helpColumn) + (option.help.first ?? ""))
        }
        for line in option.help.dropFirst() {
            lines.append(String(repeating: " ", count: helpColumn) + line)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
