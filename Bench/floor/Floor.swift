internal import Containers
internal import Glibc
internal import Syscalls

/// The floor: what this kernel lets a single-threaded server do at best. Raw epoll loops that parse
/// nothing, or next to nothing. Not a server: for measurements in the same run as the real ones.
@main
enum Floor {
    static func main() {
        Signals.ignore(.brokenPipe)
        do throws(FloorOptions.UsageError) {
            let options = try FloorOptions(Array(CommandLine.arguments.dropFirst()))
            if options.showsHelp {
                Output.print(FloorOptions.usage, to: .output)
            } else {
                run(options)
            }
        } catch {
            Output.print("floor: \(error.description)\n", to: .error)
            exit(2)
        }
    }

    private static func run(_ options: FloorOptions) {
        do throws(Errno) {
            try serve(options, FloorListener(port: options.port))
        } catch {
            Output.print("floor: \(error)\n", to: .error)
            exit(1)
        }
    }

    private static func serve(
        _ options: FloorOptions, _ listener: consuming FloorListener
    ) throws(Errno) {
        Output.print("listening on http://127.0.0.1:\(listener.port)\n", to: .output)
        switch options.mode {
        case .answer: try answer(listener)
        case .sink: try move(listener, start: SinkFlow())
        case .source:
            let answer = SourceAnswer(byteCount: options.byteCount, isChunked: options.isChunked)
            try move(listener, start: SourceFlow(answer))
        }
    }

    private static func answer(_ listener: consuming FloorListener) throws(Errno) {
        var loop = try FloorLoop(listener)
        try loop.run()
    }

    private static func move<Flow: BulkFlow>(
        _ listener: consuming FloorListener, start: Flow
    ) throws(Errno) {
        var loop = try BulkLoop(listener, start: start)
        try loop.run()
    }
}

/// Answers each empty line that ends a head with a canned reply as long as Sluice's answer to
/// `GET /`; one `recv` and one `send` per readiness. A token is the connection's slot.
struct FloorLoop: ~Copyable {
    /// As long as the answer of `sluice` to `GET /`, to the byte.
    static let reply: StaticString = """
        HTTP/1.1 200 OK\r
        Date: Fri, 20 Nov 2026 12:00:00 GMT\r
        Server: Sluice\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Length: 13\r
        \r
        Hello, World!
        """

    /// Replies that lie ready one behind the other, to be sent without a copy.
    static let readyReplies = 2_048

    private let listener: FloorListener
    private let epoll: Epoll
    private var events = EventList(capacity: 512)
    private var area = ReadArea()
    private var connections = Slab<FloorConnection>(capacity: 65_536)
    private let replies: [UInt8]

    init(_ listener: consuming FloorListener) throws(Errno) {
        let epoll = try Epoll()
        try epoll.add(listener.descriptor, events: .readable, data: UInt64.max)
        self.listener = listener
        self.epoll = epoll
        var ready: [UInt8] = []
        for _ in 0..<Self.readyReplies { ready += Self.reply.description.utf8 }
        replies = ready
    }

    mutating func run() throws(Errno) {
        while true {
            try epoll.wait(into: &events, timeoutNanoseconds: nil)
            for index in 0..<events.count {
                let token = events.data(index)
                if token == UInt64.max {
                    try acceptAll()
                } else {
                    serve(Int(token))
                }
            }
        }
    }

    private mutating func acceptAll() throws(Errno) {
        while let accepted = try Socket.accept(on: listener.descriptor, nonBlocking: true) {
            guard let key = connections.insert(FloorConnection(accepted.takeDescriptor())) else {
                return
            }
            try epoll.add(
                connections[key.slot].descriptor, events: .readable, data: UInt64(key.slot))
        }
    }

    private mutating func serve(_ slot: Int) {
        do {
            if !connections[slot].isBlocked {
                let isOpen = try connections[slot].receive(
                    into: &area, replyLength: Self.reply.utf8CodeUnitCount)
                guard isOpen else {
                    _ = connections.remove(slot)
                    return
                }
            }
            if connections[slot].owed > 0 { try send(slot) }
        } catch {
            _ = connections.remove(slot)
        }
    }

    /// Sends once, and watches for room only while something is owed.
    private mutating func send(_ slot: Int) throws(Errno) {
        let wasBlocked = connections[slot].isBlocked
        try connections[slot].send(
            from: replies, replyLength: Self.reply.utf8CodeUnitCount)
        let isBlocked = connections[slot].isBlocked
        guard isBlocked != wasBlocked else { return }
        try epoll.modify(
            connections[slot].descriptor, events: isBlocked ? .writable : .readable,
            data: UInt64(slot))
    }
}
