internal import Arguments
internal import LoadGenCore

/// What `streaming` can be told on its command line.
struct StreamingOptions: Sendable {
    private var byteCount = 1 << 30
    private var isChunked = false
    private var method = "POST"
    private var roundCount = 5
    private var patience: UInt64 = 10_000_000_000
    private var process: Int32?
    private var against: TargetURL?
    private var againstProcess: Int32?
    private var showsHelp = false

    /// Reads a command line; nil when it asks for help.
    static func parse(_ arguments: [String]) throws(UsageError) -> TransferOrder? {
        var options = StreamingOptions()
        let operands = try table.parse(arguments, into: &options)
        if options.showsHelp { return nil }
        guard operands.count == 2 else {
            throw UsageError(
                operands.count < 2
                    ? "a direction and a URL are needed, as in "
                        + "streaming upload http://127.0.0.1:8080/upload"
                    : "'\(operands[2])': is one operand too many; --against \(operands[2]) compares"
            )
        }
        guard let direction = TransferOrder.Direction(rawValue: operands[0]) else {
            throw UsageError("'\(operands[0])': is no direction; give upload or download")
        }
        let target: TargetURL
        do throws(ValueError) { target = try url(operands[1][...]) } catch {
            throw UsageError("'\(operands[1])': \(error.problem); \(error.cure)")
        }
        return try options.order(direction, target)
    }

    private func order(
        _ direction: TransferOrder.Direction, _ target: TargetURL
    ) throws(UsageError) -> TransferOrder {
        var sides = [TransferOrder.Side(target: target, process: process)]
        if let against {
            sides.append(.init(target: against, process: againstProcess))
        } else if againstProcess != nil {
            throw UsageError("--against-pid: there is no other server; give --against URL too")
        }
        return TransferOrder(
            direction: direction, sides: sides, method: method, byteCount: byteCount,
            isChunked: isChunked, roundCount: roundCount, patience: patience)
    }

    static var help: String {
        """
        Usage: streaming upload|download URL [OPTION …]

        Sends a long body to a server, or receives one, as fast as the kernel lets it: one
        connection per transfer, calls of 64 KiB out of one place. Tells the rate, and what
        it cost the server in processor time and memory. Build it with -c release.

        upload sends the body and waits for the answer, which has to be a 2xx and must not
        come before the whole body has been sent. If the answer's body is a decimal number,
        it has to be the number of bytes.

        download asks with GET and drops what comes, which has to be a 2xx with a body of
        exactly --bytes.

        \(table.help)
        Exit codes: 0 done, 1 a transfer failed or had a wrong number of bytes, 2 usage.

        Try:  floor --port 8082 --mode sink
              streaming upload http://127.0.0.1:8081/upload --against http://127.0.0.1:8082/

        """
    }

    static let table = OptionTable<StreamingOptions>([transfer, comparison, other])

    private static let transfer = OptionGroup<StreamingOptions>(
        "Transfer",
        [
            Option(
                "--bytes", placeholder: "SIZE", help: "length of the body: 65536, 64k, 1m, 1g. [1g]"
            ) { options, text throws(ValueError) in
                options.byteCount = try Values.size(text, in: 1...1 << 40)
            },
            Option(
                "--chunked",
                help: "upload in chunks of 64 KiB instead of by Content-Length; what is downloaded "
                    + "has to come chunked."
            ) { $0.isChunked = true },
            Option(
                "--method", placeholder: "NAME", help: "method of an upload: POST or PUT. [POST]"
            ) { options, text throws(ValueError) in
                guard text == "POST" || text == "PUT" else {
                    throw ValueError("is no method with a body", cure: "give POST or PUT")
                }
                options.method = String(text)
            },
            Option(
                "--rounds", placeholder: "N", help: "transfers from or to each server. [5]"
            ) { options, text throws(ValueError) in
                options.roundCount = try Values.integer(text, in: 1...1_000)
            },
            Option(
                "--patience", placeholder: "TIME",
                help: "a transfer that stands still for so long has failed. [10s]"
            ) { options, text throws(ValueError) in
                options.patience = try Values.positiveDuration(text)
            },
        ])

    private static let comparison = OptionGroup<StreamingOptions>(
        "Servers",
        [
            Option(
                "--pid", placeholder: "N",
                help: "the server's process: adds its processor time and memory."
            ) { options, text throws(ValueError) in
                options.process = try pid(text)
            },
            Option(
                "--against", placeholder: "URL",
                help: "another server, which takes turns with the first; adds the ratio."
            ) { options, text throws(ValueError) in
                options.against = try url(text)
            },
            Option(
                "--against-pid", placeholder: "N", help: "the other server's process."
            ) { options, text throws(ValueError) in
                options.againstProcess = try pid(text)
            },
        ])

    private static let other = OptionGroup<StreamingOptions>(
        "Other", [Option("--help", "-h", help: "print this and exit.") { $0.showsHelp = true }])

    /// The largest number that Linux gives a process is 2²² (proc_sys_kernel(5), pid_max).
    private static func pid(_ text: Substring) throws(ValueError) -> Int32 {
        Int32(try Values.integer(text, in: 1...1 << 22))
    }

    /// Through the parser of `loadgen`, so that there is one opinion of what a URL is.
    private static func url(_ text: Substring) throws(ValueError) -> TargetURL {
        let parser = OptionParser(
            readFile: FileReader { _ throws(FileReader.FileError) in
                throw FileReader.FileError(reason: "no option here names a file")
            })
        guard case .run(let options)? = try? parser.parse(["--", String(text)]) else {
            throw ValueError(
                "is not a URL that can be used", cure: "write it as http://127.0.0.1:8080/path")
        }
        return options.target
    }
}
