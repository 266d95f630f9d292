internal import Presentation

/// The counts for other programs.
enum JSONReport {
    static func text(
        _ measurements: [Measurement], _ thresholds: Thresholds, build: BuildDescription
    ) -> String {
        JSONValue.object([
            .init("compiler", .string(build.compiler)),
            .init("architecture", .string(build.architecture)),
            .init(
                "workloads", .array(measurements.map { workload($0, thresholds[$0.name]) })),
        ]).text
    }

    private static func workload(
        _ measurement: Measurement, _ threshold: Threshold?
    ) -> JSONValue {
        let verdict = Comparison(measurement, threshold).verdict.word.lowercased()
        return .object([
            .init("name", .string(measurement.name)),
            .init("instructions", .integer(measurement.instructions)),
            .init("allocations", .number(measurement.allocations.value)),
            .init("thresholdInstructions", threshold.map { .integer($0.instructions) } ?? .null),
            .init(
                "thresholdAllocations", threshold.map { .number($0.allocations.value) } ?? .null),
            .init("verdict", .string(verdict)),
        ])
    }
}
