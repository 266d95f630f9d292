internal import Containers
internal import Presentation

extension OutputOptions {
    /// Whether one of the results goes to standard output.
    package var usesStandardOutput: Bool { standardOutputCount > 0 }

    /// The files that were asked for, each with its option.
    package var files: [(option: String, path: String)] {
        let all: [(String, String?)] = [
            ("--json", json), ("--csv", csv), ("--timeseries", timeSeries),
            ("--hgrm", percentiles), ("--hdr-log", histogramLog), ("--html", html),
            ("--prom", prometheus),
        ]
        return all.compactMap { option, path in path.map { (option, $0) } }
    }

    /// The text of the result that `option`, one of `files`, asks for.
    package func render(_ option: String, _ result: RunResult, limits: ResultLimits) -> String {
        switch option {
        case "--json": JSONReport.value(result, limits: limits).text
        case "--csv": CSVReport.render(result)
        case "--timeseries": TimeSeriesReport.render(result)
        case "--hgrm": PercentileText.render(result.total.responseTime)
        case "--hdr-log": HistogramLog(result).text
        case "--html": HTMLReport.render(result, limits: limits)
        case "--prom": PrometheusReport.render(result)
        default: preconditionFailure("no such result: \(option)")
        }
    }
}
