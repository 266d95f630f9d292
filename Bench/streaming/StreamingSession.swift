internal import Presentation

/// Why a session ended without a report: which server, which round, and what happened.
struct SessionFailure: Error, Equatable {
    let description: String
}

/// The rounds of a measurement: in each, every server has one transfer.
enum StreamingSession {
    static func run(_ order: TransferOrder) throws(SessionFailure) -> StreamingReport {
        let body =
            order.direction == .upload
            ? UploadBody(byteCount: order.byteCount, isChunked: order.isChunked) : nil
        var report = StreamingReport(order)
        for side in order.sides.indices {
            report.sides[side].before = try reading(of: order.sides[side])
        }
        for round in 0..<order.roundCount {
            // Who goes first takes turns too, so that a machine that slows down favours neither.
            let indices = Array(order.sides.indices)
            for index in round.isMultiple(of: 2) ? indices : indices.reversed() {
                let sample = try transfer(order, order.sides[index], body, round: round)
                report.sides[index].samples.append(sample)
            }
        }
        for side in order.sides.indices {
            report.sides[side].after = try reading(of: order.sides[side])
        }
        return report
    }

    private static func transfer(
        _ order: TransferOrder, _ side: TransferOrder.Side, _ body: UploadBody?, round: Int
    ) throws(SessionFailure) -> StreamingReport.Sample {
        let before = try reading(of: side)
        let time: TransferTime
        do throws(TransferFailure) {
            time = try Transfer.run(order, side, body: body)
        } catch {
            throw SessionFailure(
                description: "\(side.target), round \(round + 1) of \(order.roundCount): \(error)")
        }
        var server: UInt64?
        if let before, let after = try reading(of: side) {
            // Less than before: a thread has ended, and its time with it.
            server =
                after.processorNanoseconds
                - min(
                    before.processorNanoseconds, after.processorNanoseconds)
        }
        return .init(time: time, serverNanoseconds: server)
    }

    private static func reading(
        of side: TransferOrder.Side
    ) throws(SessionFailure) -> ProcessReading? {
        guard let process = side.process else { return nil }
        do throws(ProcessReading.Failure) { return try ProcessReading(of: process) } catch {
            throw SessionFailure(description: "\(side.target): \(error.description)")
        }
    }
}
