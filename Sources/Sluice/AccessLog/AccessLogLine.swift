internal import Containers
internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// Writes lines of the access log in one format.
struct AccessLogLine: ~Copyable {
    private let format: AccessLogFormat
    private var times: [TimeText]
    private var addresses = AddressText()
    /// Where the texts of the exchange are, by `place(of:)`; empty: they are not there.
    private var texts: [Range<Int>]
    /// A path while it is decoded.
    private var decoded = ByteBuffer()

    init(_ format: AccessLogFormat, isLocal: Bool) {
        self.format = format
        times = format.layouts.map { TimeText($0, isLocal: isLocal) }
        let count = format.plan.fieldNames.count + format.plan.valueNames.count
        texts = Array(repeating: 0..<0, count: count + 4)
    }

    /// Where in `texts` a text with this tag is: the fields, the values, and the four others.
    private func place(of tag: UInt8) -> Int {
        let fieldCount = format.plan.fieldNames.count
        if tag < ExchangeCapture.Tag.firstValue { return Int(tag) }
        if tag < ExchangeCapture.Tag.user {
            return fieldCount + Int(tag - ExchangeCapture.Tag.firstValue)
        }
        return texts.count - 4 + Int(tag - ExchangeCapture.Tag.user)
    }

    /// The range of the text with this tag.
    private func range(_ tag: UInt8) -> Range<Int> { texts[place(of: tag)] }

    /// Appends the line of an exchange, with its end.
    mutating func append(
        _ exchange: FinishedExchange, texts captured: Span<UInt8>,
        in surroundings: AccessLogSurroundings, clock: LogClock, drainStart: Instant?,
        to output: inout ByteBuffer
    ) {
        let captured = CapturedExchange(captured)
        for index in texts.indices { texts[index] = 0..<0 }
        captured.forEachText { texts[place(of: $0)] = $1 }
        for index in format.pieces.indices {
            switch format.pieces[index] {
            case .literal(let start, let count):
                output.append(
                    format.literals.span.extracting(Int(start)..<Int(start) + Int(count)))
            case .value(let value):
                append(
                    value, exchange, captured, surroundings, clock, drainStart, to: &output)
            }
        }
        output.append(0x0A)
    }

    private mutating func append(
        _ value: AccessLogValue, _ exchange: FinishedExchange, _ captured: CapturedExchange,
        _ surroundings: AccessLogSurroundings, _ clock: LogClock, _ drainStart: Instant?,
        to output: inout ByteBuffer
    ) {
        switch value {
        case .client: appendClient(captured, to: &output)
        case .port: append(number: captured.client.map { Int($0.port) } ?? 0, to: &output)
        case .identity: append("".utf8.span, to: &output)
        case .user: append(captured.text(range(ExchangeCapture.Tag.user)), to: &output)
        case .received(let layout):
            appendTime(Int(layout), exchange, clock, to: &output)
        case .requestLine: appendRequestLine(captured, to: &output)
        case .method: append(captured.method, or: "-", to: &output)
        case .path: appendDecodedPath(captured, to: &output)
        case .rawPath: append(captured.path, or: captured.standInForPath, to: &output)
        case .markedQuery: appendMarkedQuery(captured, to: &output)
        case .query: append(captured.query, to: &output)
        case .target: appendTarget(captured, to: &output)
        case .protocolVersion: appendProtocol(captured, to: &output)
        case .field(let number): append(captured.text(range(number)), to: &output)
        case .status: output.append(decimal: exchange.status == 0 ? 499 : Int(exchange.status))
        case .bodyBytesOutOrDash:
            append(number: Int(clamping: exchange.sentBodyByteCount), to: &output)
        case .bodyBytesOut: output.append(decimal: Int(clamping: exchange.sentBodyByteCount))
        case .bytesOut: output.append(decimal: Int(clamping: exchange.sentByteCount))
        case .bytesIn: output.append(decimal: Int(clamping: exchange.receivedByteCount))
        case .bodyBytesIn:
            output.append(decimal: Int(clamping: exchange.receivedBodyByteCount))
        case .processTime(let unit):
            Self.append(exchange.end.since(exchange.firstMoment), unit, to: &output)
        case .firstByteTime(let unit): appendFirstByteTime(exchange, unit, to: &output)
        case .value(let number):
            let tag = ExchangeCapture.Tag.firstValue + number
            append(captured.text(range(tag)), to: &output)
        case .requestID:
            append(captured.text(range(ExchangeCapture.Tag.requestID)), to: &output)
        case .traceID:
            append(captured.text(range(ExchangeCapture.Tag.traceID)), to: &output)
        case .traceOrRequestID: appendTraceOrRequestID(captured, to: &output)
        case .reason: appendReason(exchange, captured, to: &output)
        case .route: append(surroundings.route(of: exchange).utf8.span, to: &output)
        case .connection: output.append(decimal: Int(clamping: exchange.connection))
        case .ordinal: output.append(decimal: Int(exchange.ordinal))
        case .isReused: output.append(exchange.isReused ? "true" : "false")
        case .engine: append(surroundings.engine.utf8.span, to: &output)
        case .instance: append(surroundings.instanceID.utf8.span, to: &output)
        case .phase:
            let isDraining = drainStart.map { exchange.end >= $0 } ?? false
            append((isDraining ? "draining" : "running").utf8.span, to: &output)
        case .drainTime:
            let elapsed = drainStart.map { exchange.end.since($0) } ?? 0
            Self.append(elapsed, .exactMilliseconds, to: &output)
        case .text(let number): append(format.texts[Int(number)].utf8.span, to: &output)
        }
    }

    // MARK: Texts

    private var isJSON: Bool {
        if case .json = format.style { true } else { false }
    }

    /// A text as the format wants it.
    ///
    /// - Parameter absent: What stands for an empty one; `nil`: nothing in JSON, else `-`.
    private func append(
        _ text: Span<UInt8>, or absent: StaticString? = nil, to output: inout ByteBuffer
    ) {
        var isQuoted = false
        switch format.style {
        case .json: isQuoted = true
        case .text: break
        case .pairs: isQuoted = !text.isEmpty && !LogEscaping.isWord(text)
        }
        if isQuoted { output.append(UInt8(ascii: "\"")) }
        if text.isEmpty {
            output.append(absent ?? (isJSON ? "" : "-"))
        } else {
            appendEscaped(text, to: &output)
        }
        if isQuoted { output.append(UInt8(ascii: "\"")) }
    }

    /// Escaped, and where it was cut off with three dots.
    private func appendEscaped(_ text: Span<UInt8>, to output: inout ByteBuffer) {
        let limit = ExchangeCapture.maxTextByteCount
        guard text.count > limit else {
            return LogEscaping.append(text, isJSON: isJSON, to: &output)
        }
        LogEscaping.append(text.extracting(0..<limit), isJSON: isJSON, to: &output)
        output.append("...")
    }

    private mutating func appendClient(
        _ captured: CapturedExchange, to output: inout ByteBuffer
    ) {
        guard let client = captured.client else { return append("".utf8.span, to: &output) }
        if isJSON { output.append(UInt8(ascii: "\"")) }
        addresses.append(client, to: &output)
        if isJSON { output.append(UInt8(ascii: "\"")) }
    }

    private func appendRequestLine(_ captured: CapturedExchange, to output: inout ByteBuffer) {
        // Of what never became a request the target is the first line.
        guard captured.isRequest else { return append(captured.target, or: "-", to: &output) }
        if isJSON { output.append(UInt8(ascii: "\"")) }
        appendEscaped(captured.method, to: &output)
        output.append(UInt8(ascii: " "))
        appendEscaped(captured.target, to: &output)
        output.append(captured.minorVersion == 0 ? " HTTP/1.0" : " HTTP/1.1")
        if isJSON { output.append(UInt8(ascii: "\"")) }
    }

    private func appendTarget(_ captured: CapturedExchange, to output: inout ByteBuffer) {
        guard captured.isRequest else { return append("".utf8.span, or: "-", to: &output) }
        append(captured.target, or: "-", to: &output)
    }

    private func appendProtocol(_ captured: CapturedExchange, to output: inout ByteBuffer) {
        guard captured.isRequest else { return append("".utf8.span, to: &output) }
        append(
            (captured.minorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1").utf8.span, to: &output)
    }

    private func appendMarkedQuery(_ captured: CapturedExchange, to output: inout ByteBuffer) {
        if isJSON { output.append(UInt8(ascii: "\"")) }
        if !captured.query.isEmpty {
            output.append(UInt8(ascii: "?"))
            appendEscaped(captured.query, to: &output)
        }
        if isJSON { output.append(UInt8(ascii: "\"")) }
    }

    private mutating func appendDecodedPath(
        _ captured: CapturedExchange, to output: inout ByteBuffer
    ) {
        let path = captured.path
        guard path.hasPercentSign else {
            return append(path, or: captured.standInForPath, to: &output)
        }
        decoded.removeAll()
        var offset = 0
        while offset < path.count {
            decoded.append(path.decodedByte(at: &offset, end: path.count))
        }
        append(decoded.span, to: &output)
    }

    private func appendTraceOrRequestID(
        _ captured: CapturedExchange, to output: inout ByteBuffer
    ) {
        let trace = range(ExchangeCapture.Tag.traceID)
        let range = trace.isEmpty ? range(ExchangeCapture.Tag.requestID) : trace
        append(captured.text(range), to: &output)
    }

    private func appendReason(
        _ exchange: FinishedExchange, _ captured: CapturedExchange, to output: inout ByteBuffer
    ) {
        let range = range(ExchangeCapture.Tag.reason)
        if range.isEmpty, exchange.failure != .none {
            append(exchange.failure.name.utf8.span, to: &output)
        } else {
            append(captured.text(range), to: &output)
        }
    }

    // MARK: Numbers and times

    /// A number for which 0 means that it is not there.
    private func append(number: Int, to output: inout ByteBuffer) {
        if number != 0 {
            output.append(decimal: number)
        } else {
            output.append(isJSON ? "null" : "-")
        }
    }

    private mutating func appendTime(
        _ layout: Int, _ exchange: FinishedExchange, _ clock: LogClock,
        to output: inout ByteBuffer
    ) {
        let (seconds, nanoseconds) = clock.time(at: exchange.firstMoment)
        switch format.style {
        case .text:
            times[layout].append(seconds: seconds, nanoseconds: nanoseconds, to: &output)
        case .json, .pairs:
            // A layout is the operator's, and may hold anything.
            decoded.removeAll()
            times[layout].append(seconds: seconds, nanoseconds: nanoseconds, to: &decoded)
            append(decoded.span, to: &output)
        }
    }

    private func appendFirstByteTime(
        _ exchange: FinishedExchange, _ unit: AccessLogTimeUnit, to output: inout ByteBuffer
    ) {
        guard exchange.firstByte.nanoseconds > 0 else {
            output.append(isJSON ? "null" : "-")
            return
        }
        Self.append(exchange.firstByte.since(exchange.firstMoment), unit, to: &output)
    }

    private static func append(
        _ nanoseconds: UInt64, _ unit: AccessLogTimeUnit, to output: inout ByteBuffer
    ) {
        switch unit {
        case .seconds: output.append(decimal: Int(clamping: nanoseconds / 1_000_000_000))
        case .milliseconds: output.append(decimal: Int(clamping: nanoseconds / 1_000_000))
        case .microseconds: output.append(decimal: Int(clamping: nanoseconds / 1_000))
        case .exactMilliseconds:
            let microseconds = Int(clamping: nanoseconds / 1_000)
            output.append(decimal: microseconds / 1_000)
            output.append(UInt8(ascii: "."))
            for unit in [100, 10, 1] {
                output.append(UInt8(ascii: "0") + UInt8(microseconds / unit % 10))
            }
        }
    }
}

extension CapturedExchange {
    /// What is shown where the target has no path: `*` as it is, `/` for a URL that ends with its
    /// host, and nothing for CONNECT and for what never became a request.
    fileprivate var standInForPath: StaticString {
        guard isRequest else { return "-" }
        if target.count == 1 { return "*" }
        return method.isConnect ? "-" : "/"
    }
}

extension Span where Element == UInt8 {
    /// CONNECT, whose target is an authority.
    fileprivate var isConnect: Bool { equalsIgnoringCase("connect") }
}

extension FinishedExchange {
    /// When it began; its end, where it never became a request.
    fileprivate var firstMoment: Instant { start.nanoseconds == 0 ? end : start }
}

extension Instant {
    /// Nanoseconds since an earlier moment; 0 since a later one.
    fileprivate func since(_ earlier: Instant) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }
}
