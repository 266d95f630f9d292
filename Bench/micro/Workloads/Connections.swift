internal import HTTPEngine

extension Workload {
    /// `ServerConnection` from bytes received to bytes to send, without a socket.
    static let connections: [Workload] = [
        Workload("connection/depth-1", "a request with Host only, answered") { count in
            try serve(Requests.minimal, .plain, count)
        },
        Workload(
            "connection/depth-16", "the same, one of 16 that come together", iterations: 200,
            operations: 16
        ) { count in
            try serve(Requests.repeated(Requests.minimal, 16), .plain, count)
        },
        Workload("connection/browser", "a browser's request, answered") { count in
            try serve(Requests.browser, .plain, count)
        },
        Workload("connection/fields", "an answer with three fields of its own") { count in
            try serve(Requests.minimal, .fields, count)
        },
        Workload("connection/body", "a request with a body of 64 bytes") { count in
            try serve(Requests.sizedBody, .plain, count)
        },
        Workload("connection/chunked", "the same body in four chunks") { count in
            try serve(Requests.chunkedBody, .plain, count)
        },
        Workload("connection/split", "a browser's request that comes in two pieces") { count in
            try serveSplit(Requests.browser, count)
        },
    ]

    private static func serve(
        _ bytes: [UInt8], _ answer: AnsweringHandler.Answer, _ count: Int
    ) throws {
        var lone = LoneConnection(answer)
        for _ in 0..<count {
            lone.receive(bytes.span)
            guard lone.flush() > 0, lone.connection.isIdle else {
                throw WorkloadFailure.unexpectedResult
            }
        }
    }

    private static func serveSplit(_ bytes: [UInt8], _ count: Int) throws {
        var lone = LoneConnection(.plain)
        let middle = bytes.count / 2
        for _ in 0..<count {
            lone.receive(bytes.span.extracting(..<middle))
            lone.receive(bytes.span.extracting(middle...))
            guard lone.flush() > 0, lone.connection.isIdle else {
                throw WorkloadFailure.unexpectedResult
            }
        }
    }
}
