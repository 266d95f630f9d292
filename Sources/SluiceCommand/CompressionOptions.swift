internal import Arguments
internal import Sluice

/// How answers are compressed. Each of its options asks for compression.
struct CompressionOptions: Sendable {
    var threshold = 512
    var level = 4
    var memory = 256 << 10

    /// The middleware that does it.
    func middleware() throws(InvalidMiddleware) -> ResponseCompression {
        try ResponseCompression(threshold: threshold, level: level, memory: memory)
    }
}

extension ServeOptions {
    static let compressing = OptionGroup<ServeOptions>(
        "Compression",
        [
            Option(
                "--compress",
                help: "send text, JSON and the like in gzip to clients that take it."
            ) { $0.changeCompression { _ in } },
            Option(
                "--compress-threshold", placeholder: "SIZE",
                help: "shorter bodies are sent as they are; implies --compress. [512]"
            ) { options, text throws(ValueError) in
                let threshold = try Values.size(text, in: 0...(1 << 30))
                options.changeCompression { $0.threshold = threshold }
            },
            Option(
                "--compress-level", placeholder: "N",
                help: "1, the fastest, to 9, the smallest; implies --compress. [4]"
            ) { options, text throws(ValueError) in
                let level = try Values.integer(text, in: 1...9)
                options.changeCompression { $0.level = level }
            },
            Option(
                "--compress-memory", placeholder: "SIZE",
                help: "for each answer that is being compressed; implies --compress. [256k]"
            ) { options, text throws(ValueError) in
                let memory = try Values.size(text, in: 3_072...(1 << 20))
                options.changeCompression { $0.memory = memory }
            },
            Option(
                "--decompress-requests",
                help: "POST /submit takes bodies in gzip and deflate, which may become as long as "
                    + "--max-body-bytes."
            ) { $0.decompressesRequests = true },
        ])

    private mutating func changeCompression(_ change: (inout CompressionOptions) -> Void) {
        var compression = compression ?? CompressionOptions()
        change(&compression)
        self.compression = compression
    }
}
