internal import HTTP1

extension Workload {
    /// The chunked coding by itself.
    static let chunked: [Workload] = [
        Workload(
            "chunked/decode-small", "a chunk of 16 bytes, one of 64 in a row", iterations: 100,
            operations: 64
        ) { count in
            try decode(Requests.chunks(count: 64, ofByteCount: 16), count, dataCount: 1_024)
        },
        Workload("chunked/decode-large", "a body that is one chunk of 64 KiB") { count in
            try decode(Requests.chunks(count: 1, ofByteCount: 65_536), count, dataCount: 65_536)
        },
        Workload("chunked/encode", "the size line before 1,024 bytes") { count in
            try encodeSizeLines(count)
        },
    ]

    private static func decode(_ bytes: [UInt8], _ count: Int, dataCount: Int) throws {
        for _ in 0..<count {
            guard try decodeBody(bytes.span) == dataCount else {
                throw WorkloadFailure.unexpectedResult
            }
        }
    }

    /// The bytes of data in a body.
    private static func decodeBody(_ bytes: Span<UInt8>) throws -> Int {
        var decoder = ChunkedDecoder()
        var offset = 0
        var dataCount = 0
        while true {
            switch try decoder.decode(bytes, from: offset) {
            case .data(let start, let count):
                dataCount += count
                offset = start + count
            case .needMore:
                throw WorkloadFailure.unexpectedResult
            case .end:
                return dataCount
            }
        }
    }

    private static func encodeSizeLines(_ count: Int) throws {
        var line = [18 of UInt8](repeating: 0)
        for _ in 0..<count {
            guard ChunkedEncoding.writeSizeLine(1_024, into: &line) == 5 else {
                throw WorkloadFailure.unexpectedResult
            }
        }
    }
}
