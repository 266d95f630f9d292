internal import Containers
internal import HTTPEngine
internal import Syscalls

extension Workload {
    /// One turn of the loop, with the client on the other end of a loopback socket in the same
    /// thread: what the client does is in the count too. What the kernel does is not.
    static let turns: [Workload] = [
        Workload("turn/depth-1", "a turn that answers one request") { count in
            try turn(Requests.minimal, count)
        },
        Workload(
            "turn/depth-16", "a request of a turn that answers 16", iterations: 500, operations: 16
        ) { count in
            try turn(Requests.repeated(Requests.minimal, 16), count)
        },
    ]

    private static func turn(_ requests: [UInt8], _ count: Int) throws {
        var limits = Limits()
        limits.maxKeepAliveRequests = 0
        let listener = try Listener(on: .loopback(port: 0), backlog: 1)
        let address = listener.address
        var listeners = Slab<Listener>(capacity: 1)
        _ = listeners.insert(listener)
        var engine = try ReactorEngine(
            listeners: listeners, handler: AnsweringHandler(.plain), limits: limits,
            serverName: "Sluice")
        let client = try Socket.stream(family: address.family, nonBlocking: false)
        try Socket.setNoDelay(client, true)
        // Blocking: the kernel completes the handshake with the backlog.
        _ = try Socket.connect(client, to: address)
        while engine.connectionCount == 0 { try engine.runOnce() }
        let answerByteCount = answerByteCount(to: requests)
        var area = ReadArea()
        for _ in 0..<count {
            guard try Socket.send(requests.span, to: client) == .bytes(requests.count) else {
                throw WorkloadFailure.unexpectedResult
            }
            // What was sent over loopback is there when the call returns.
            try engine.runOnce()
            try receive(answerByteCount, from: client, &area)
        }
    }

    /// What a connection without a socket answers; every answer is as long.
    private static func answerByteCount(to requests: [UInt8]) -> Int {
        var lone = LoneConnection(.plain)
        lone.receive(requests.span)
        return lone.flush()
    }

    private static func receive(
        _ byteCount: Int, from client: borrowing FileDescriptor, _ area: inout ReadArea
    ) throws {
        var missing = byteCount
        while missing > 0 {
            guard case .bytes(let count) = try area.receive(from: client), count <= missing else {
                throw WorkloadFailure.unexpectedResult
            }
            missing -= count
        }
    }
}
