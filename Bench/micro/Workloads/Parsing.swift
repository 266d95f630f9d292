internal import HTTP1

extension Workload {
    /// Request heads, from bytes that lie there to offsets.
    static let parsing: [Workload] = [
        Workload("parse/minimal", "a request head with Host only") { count in
            try parse(Requests.minimal, count)
        },
        Workload("parse/browser", "a request head with a browser's fields") { count in
            try parse(Requests.browser, count)
        },
        Workload(
            "parse/pipelined-16", "a head with Host only, one of 16 in a row", iterations: 200,
            operations: 16
        ) { count in
            try parse(Requests.repeated(Requests.minimal, 16), count)
        },
        Workload("parse/split", "a browser's head that comes in two pieces") { count in
            try parseSplit(Requests.browser, count)
        },
    ]

    private static func parse(_ bytes: [UInt8], _ count: Int) throws {
        let parser = RequestParser()
        var head = RequestHead()
        for _ in 0..<count {
            var offset = 0
            while offset < bytes.count {
                guard
                    case .complete(let endOffset) =
                        try parser.parse(bytes.span, from: offset, into: &head)
                else { throw WorkloadFailure.unexpectedResult }
                offset = endOffset
            }
        }
    }

    private static func parseSplit(_ bytes: [UInt8], _ count: Int) throws {
        let parser = RequestParser()
        var head = RequestHead()
        for _ in 0..<count {
            let half = bytes.span.extracting(..<(bytes.count / 2))
            guard case .incomplete = try parser.parse(half, from: 0, into: &head),
                case .complete = try parser.parse(bytes.span, from: 0, into: &head)
            else { throw WorkloadFailure.unexpectedResult }
        }
    }
}

/// A workload did not do what it is there to count.
enum WorkloadFailure: Error {
    case unexpectedResult
}
