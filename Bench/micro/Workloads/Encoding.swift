internal import HTTPEngine

extension Workload {
    /// Answers, from what a handler fills to bytes that lie in the send buffer.
    ///
    /// All requests come while the connection is made ready, and are deferred; so nothing of
    /// receiving and parsing them is in the count.
    static let encoding: [Workload] = [
        Workload("encode/plain", "a deferred answer of 13 bytes of text") { count in
            try encode(count) { AnsweringHandler.fillPlain(&$0) }
        },
        Workload("encode/fields", "the same with three fields of its own") { count in
            try encode(count) { AnsweringHandler.fillWithFields(&$0) }
        },
        Workload("encode/chunk", "a chunk of 1,024 bytes of a streamed answer") { count in
            try stream(count)
        },
    ]

    /// As many requests wait in every run.
    private static let waitingCount = 3_000

    private static func encode(
        _ count: Int, _ fill: (inout ResponseMessage) -> Void
    ) throws {
        var limits = Limits()
        limits.maxPipelinedRequests = waitingCount
        limits.requestsPerTurn = waitingCount
        var lone = LoneConnection(.deferred, limits)
        let requests = Requests.repeated(Requests.minimal, waitingCount)
        lone.receive(requests.span)
        let exchanges = lone.handler.deferredExchanges()
        guard exchanges.count == waitingCount, count <= waitingCount else {
            throw WorkloadFailure.unexpectedResult
        }
        for index in 0..<count {
            lone.workspace.message.clear()
            fill(&lone.workspace.message)
            guard lone.complete(exchanges[index]), lone.flush() > 0 else {
                throw WorkloadFailure.unexpectedResult
            }
        }
    }

    private static func stream(_ count: Int) throws {
        var lone = LoneConnection(.endless)
        let request = Requests.minimal
        lone.receive(request.span)
        guard lone.flush() > 0 else { throw WorkloadFailure.unexpectedResult }
        for _ in 0..<count {
            lone.resume()
            guard lone.flush() > 1_024 else { throw WorkloadFailure.unexpectedResult }
        }
    }
}
