package import Presentation

/// The report as one JSON object.
///
/// `results.SCENARIO.ENGINE`, `gates` and `markdown_table` are shaped as the Python project's
/// comparison has them. What was not measured is null: never a zero, which would be a figure.
package enum JSONRendering {
    /// Rises when a key changes its meaning or goes away.
    package static let schemaVersion = 1

    /// The whole object.
    package static func value(_ report: GateReport) -> JSONValue {
        .object([
            .init("schema_version", .integer(schemaVersion)),
            .init("tool", .string("gate")),
            .init("verdict", report.isInterrupted ? .null : .string(report.verdict.rawValue)),
            .init("reason", .string(report.reason)),
            .init("interrupted", .bool(report.isInterrupted)),
            .init("results", results(report)),
            .init(
                "open_rates",
                .object(report.scenarios.map { .init($0.scenario.name, number($0.openRate, 2)) })),
            .init("gates", gates(report)),
            .init("markdown_table", .string(markdownTable(report))),
            .init("plan", plan(report.plan)),
            .init("environment", environment(report.environment)),
            .init("voided", voided(report)),
            .init("warnings", .array(report.warnings.map(JSONValue.string))),
        ])
    }

    // MARK: - Results

    private static func results(_ report: GateReport) -> JSONValue {
        .object(
            report.scenarios.map { scenario in
                .init(
                    scenario.scenario.name,
                    .object(
                        scenario.labelled.map { .init($0.label, engine($0.engine, scenario)) }))
            })
    }

    private static func engine(_ engine: EngineReport, _ report: ScenarioReport) -> JSONValue {
        let isMeasured = !engine.rounds.isEmpty
        return .object(
            figures(
                valid: engine.validCount, errors: engine.errorCount, isMeasured: isMeasured,
                engine.value)
                + [
                    .init(
                        "connections_served",
                        isMeasured ? .count(engine.servedConnections) : .null),
                    .init("connections", .integer(report.scenario.connectionCount)),
                    .init("client_bound", isMeasured ? .bool(engine.isClientBound) : .null),
                    .init("workers", engine.workerCount.map { .integer($0) } ?? .null),
                    .init(
                        "rounds",
                        .array(engine.rounds.enumerated().map { round($0.element, $0.offset) })),
                ])
    }

    private static func round(_ round: RoundSample, _ index: Int) -> JSONValue {
        .object(
            [.init("pair", .integer(index + 1))]
                + figures(
                    valid: round.validCount, errors: round.errorCount, isMeasured: true,
                    round.value)
                + [
                    .init("connections_served", .count(round.closedLoop.servedConnections)),
                    .init("client_cpu_share", .rounded(round.closedLoop.clientCPUShare, 4)),
                    .init("open_client_cpu_share", number(round.openLoop?.clientCPUShare, 4)),
                    .init("open_rate_ratio", number(round.openLoop?.rateRatio, 6)),
                    .init("steal_share", .rounded(round.stealShare, 6)),
                ])
    }

    /// What an engine and each of its rounds have alike: the Python project's keys first.
    private static func figures(
        valid: UInt64, errors: UInt64, isMeasured: Bool, _ value: (Metric) -> Double?
    ) -> [JSONValue.Member] {
        func milliseconds(_ key: String, _ metric: Metric) -> JSONValue.Member {
            .init(key, number(value(metric).map { $0 / 1_000 }, 3))
        }
        return [
            .init("requests", isMeasured ? .count(valid + errors) : .null),
            .init("errors", isMeasured ? .count(errors) : .null),
            .init("error_rate", number(value(.errorRate), 8)),
            .init("rps", number(value(.rps), 2)),
            milliseconds("p50_ms", .p50), milliseconds("p95_ms", .p95),
            milliseconds("p99_ms", .p99), milliseconds("max_ms", .max),
            milliseconds("open_p50_ms", .openP50), milliseconds("open_p95_ms", .openP95),
            milliseconds("open_p99_ms", .openP99), milliseconds("open_max_ms", .openMax),
            .init("cpu_us_per_req", number(value(.cpuPerRequest), 4)),
            .init("open_cpu_us_per_req", number(value(.openCPUPerRequest), 4)),
            .init("rss_mb", number(value(.memory), 3)),
            .init("fairness", number(value(.fairness), 6)),
        ]
    }

    // MARK: - Gates

    private static func gates(_ report: GateReport) -> JSONValue {
        let checks = report.isInterrupted ? [] : report.checks
        let baseline = report.isInterrupted ? [] : report.baselineChecks
        let ratios = report.scenarios.map { scenario in
            JSONValue.Member(
                scenario.scenario.name,
                number(PairRatios(scenario, "reactor", "threadpool")?.estimate, 4))
        }
        return .object([
            .init("checks", .array(checks.map(check))),
            .init("reactor_vs_threadpool_rps_ratio", .object(ratios)),
            .init("noise", .object(report.scenarios.map(noise))),
            .init("all_passed", .bool(report.allPassed && !report.isInterrupted)),
            .init("baseline", .array(baseline.map(baselineResult))),
        ])
    }

    private static func check(_ result: CheckResult) -> JSONValue {
        let unit =
            switch result.check.limit {
            case .multiple: "ratio"
            case .constant: result.check.metric.metric.unit
            }
        return .object([
            .init("scenario", .string(result.check.scenario)),
            .init("expression", .string(result.check.expression)),
            .init("estimate", exact(result.estimate)),
            .init("bound", exact(result.bound)),
            .init("limit", exact(result.limit)),
            .init("unit", .string(unit)),
            .init("verdict", .string(result.verdict.rawValue)),
            .init("pairs", .integer(result.pairCount)),
            .init("notes", .array(result.notes.map(JSONValue.string))),
        ])
    }

    private static func noise(_ report: ScenarioReport) -> JSONValue.Member {
        let ratios = PairRatios(report)
        return .init(
            report.scenario.name,
            .object([
                .init("log_ratio_sd", number(ratios?.noise, 5)),
                .init("largest_distance_from_1", number(ratios?.largestDistance, 5)),
                .init(
                    "rps_ratios", .array((ratios?.values ?? []).map { number($0, 5) })),
            ]))
    }

    private static func baselineResult(_ result: BaselineResult) -> JSONValue {
        .object([
            .init("scenario", .string(result.scenario)),
            .init("subject", .string(result.subject)),
            .init("verdict", .string(result.verdict.rawValue)),
            .init("before", exact(result.before)),
            .init("now", exact(result.now)),
            .init("probability", exact(result.probability)),
            .init("note", result.note.map { .string($0) } ?? .null),
        ])
    }

    /// The engines of all scenarios, a heading above each.
    static func markdownTable(_ report: GateReport) -> String {
        report.scenarios.map { scenario in
            "### \(MarkdownRendering.text(scenario.scenario.name))\n\n"
                + MarkdownRendering.table(scenario)
        }.joined(separator: "\n")
    }

    // MARK: - Plan and environment

    private static func plan(_ plan: GatePlan) -> JSONValue {
        .object([
            .init("profile", .string(plan.profile)),
            // A seed above 2^63 is no whole number for most readers, but none may get another one.
            .init("seed", Int(exactly: plan.seed).map { .integer($0) } ?? .string("\(plan.seed)")),
            .init("engines", .array(plan.engines.map(JSONValue.string))),
            .init("self_comparison", .bool(plan.isSelfComparison)),
            .init("debug_build", .bool(plan.isDebugBuild)),
            .init(
                "looks",
                .array(
                    plan.looks.map {
                        .object([
                            .init("pairs", .integer($0.pairCount)), .init("alpha", exact($0.alpha)),
                        ])
                    })),
            .init(
                "checks",
                .array(plan.checks.map { .string("\($0.scenario): \($0.expression)") })),
            .init("scenarios", .array(plan.scenarios.map(scenario))),
        ])
    }

    private static func scenario(_ scenario: Scenario) -> JSONValue {
        .object([
            .init("name", .string(scenario.name)),
            .init("path", .string(scenario.path)),
            .init("connections", .integer(scenario.connectionCount)),
            .init("pipeline_depth", .integer(scenario.pipelineDepth)),
            .init("keepalive", .bool(scenario.keepsAlive)),
            .init("think_time_ns", .count(scenario.thinkTime)),
            .init("warm_up_ns", .count(scenario.warmUp)),
            .init("duration_ns", .count(scenario.duration)),
            .init("open_duration_ns", .count(scenario.openDuration)),
        ])
    }

    private static func environment(_ environment: GateEnvironment) -> JSONValue {
        func core(_ number: Int?) -> JSONValue { number.map { .integer($0) } ?? .null }
        return .object([
            .init("processor", .string(environment.machine.processor)),
            .init("cores", .integer(environment.machine.coreCount)),
            .init("kernel", .string(environment.machine.kernel)),
            .init("architecture", .string(environment.machine.architecture)),
            .init("server_core", core(environment.serverCore)),
            .init("client_core", core(environment.clientCore)),
            .init("load_before", .rounded(environment.loadBefore, 2)),
            .init(
                "engines",
                .array(
                    environment.engines.map {
                        .object([
                            .init("engine", .string($0.engine)),
                            .init("command", .string($0.command)),
                            .init("fingerprint", $0.fingerprint.map { .string($0) } ?? .null),
                        ])
                    })),
        ])
    }

    private static func voided(_ report: GateReport) -> JSONValue {
        .array(
            report.scenarios.flatMap { scenario in
                scenario.voided.map {
                    .object([
                        .init("scenario", .string(scenario.scenario.name)),
                        .init("attempt", .integer($0.attempt)),
                        .init("engine", .string($0.engine)),
                        .init("reason", .string($0.reason)),
                    ])
                }
            })
    }

    // MARK: - Numbers

    private static func number(_ value: Double?, _ places: Int) -> JSONValue {
        value.map { .rounded($0, places) } ?? .null
    }

    /// All digits, for what is compared with a limit; null when it is not finite.
    private static func exact(_ value: Double?) -> JSONValue {
        guard let value, value.isFinite else { return .null }
        return .number(value)
    }
}

extension Metric {
    /// The unit in which checks count it, for readers that are programs.
    fileprivate var unit: String {
        switch self {
        case .rps: "per_second"
        case .errorRate: "share"
        case .p50, .p95, .p99, .max, .openP50, .openP95, .openP99, .openMax: "us"
        case .cpuPerRequest, .openCPUPerRequest: "us"
        case .memory: "MiB"
        case .fairness: "index"
        }
    }
}
