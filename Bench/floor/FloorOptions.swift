/// What the floor can be told. A few plain lines, as it uses nothing of ours but the kernel's calls.
struct FloorOptions: Equatable {
    /// What it does with what comes.
    enum Mode: String, CaseIterable {
        /// A short reply to each head.
        case answer
        /// Reads bodies and drops them.
        case sink
        /// Sends a long body in answer to each head.
        case source
    }

    /// Why a command line was not taken: option, value and cure.
    struct UsageError: Error, Equatable {
        let description: String
    }

    var port = 8080
    var mode = Mode.answer
    /// The length of the body that `source` sends.
    var byteCount = 1 << 30
    var isChunked = false
    var showsHelp = false

    static let usage = """
        Usage: floor [--port N] [--mode MODE] [--bytes SIZE] [--chunked]

        The least that a single-threaded server can cost on this kernel: a raw epoll loop
        that parses next to nothing, to measure real servers against in the same run.

          --port N      listen on 127.0.0.1:N; 0 lets the kernel choose. [8080]
          --mode MODE   answer: a short reply to each request, whatever it asks. [answer]
                        sink:   reads each request's body, drops it, and answers 200.
                        source: answers each request with a long body.
          --bytes SIZE  length of the body that source sends: 65536, 64k, 1m, 1g. [1g]
          --chunked     source sends it in chunks of 64 KiB.
          --help        print this and exit.

        """

    init() {}

    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--port":
                let value = try Self.value(of: name, from: &rest)
                guard let port = Int(value), (0...65_535).contains(port) else {
                    throw Self.error(name, value, "is not a port; give 0 to 65535")
                }
                self.port = port
            case "--mode":
                let value = try Self.value(of: name, from: &rest)
                guard let mode = Mode(rawValue: value) else {
                    throw Self.error(name, value, "is no mode; give answer, sink or source")
                }
                self.mode = mode
            case "--bytes":
                let value = try Self.value(of: name, from: &rest)
                guard let count = Self.size(value) else {
                    throw Self.error(
                        name, value, "is not a size; give 1 byte to 1024g, such as 65536, 64k, 1g")
                }
                byteCount = count
            case "--chunked": isChunked = true
            case "--help", "-h": showsHelp = true
            default: throw UsageError(description: "\(name): unknown option; see --help")
            }
        }
    }

    private static func value(
        of name: String, from rest: inout ArraySlice<String>
    ) throws(UsageError) -> String {
        guard let value = rest.popFirst() else {
            throw UsageError(description: "\(name): a value is missing; see --help")
        }
        return value
    }

    /// Bytes, in powers of 1,024.
    private static func size(_ text: String) -> Int? {
        let shifts: [Character: Int] = ["k": 10, "m": 20, "g": 30]
        let shift = text.last.flatMap { shifts[$0] }
        let digits = shift == nil ? text[...] : text.dropLast()
        guard let count = Int(digits), count >= 1, count <= (1 << 40) >> (shift ?? 0) else {
            return nil
        }
        return count << (shift ?? 0)
    }

    private static func error(_ name: String, _ value: String, _ cure: String) -> UsageError {
        UsageError(description: "\(name): '\(value)' \(cure)")
    }
}
