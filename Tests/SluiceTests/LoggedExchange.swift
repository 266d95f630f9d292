import Containers
import HTTP1
import Syscalls

@testable import HTTPEngine
@testable import Sluice

/// An exchange that never was, for formats to show: GET /a?b=c from 192.0.2.7, answered with 200
/// after 12.3456 ms, its first byte after 2.5 ms.
struct LoggedExchange {
    var head = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
    /// What came was no request.
    var isUnparsed = false
    var peer = SocketAddress.ipv4(0xC000_0207, port: 50_123)
    var trustedProxies: [AddressRange] = []
    var notes: ExchangeNotes?
    var exchange = FinishedExchange()
    var surroundings = AccessLogSurroundings(
        engine: "reactor", instanceID: "i-1", routes: ["GET /a", "unmatched"],
        drainStart: { nil })
    var drainStart: Instant?

    /// 2006-01-02 15:04:05.123456789 UTC, on the log's clock.
    static let start = Instant(nanoseconds: 5_000_000_000)
    static let clock = LogClock(
        monotonic: Instant(nanoseconds: 6_000_000_000),
        wallNanoseconds: 1_136_214_246_123_456_789)

    init(_ head: String? = nil) {
        if let head { self.head = head }
        exchange.connection = 7
        exchange.ordinal = 3
        exchange.label = 1
        exchange.start = Self.start
        exchange.firstByte = Self.start + 2_500_000
        exchange.end = Self.start + 12_345_600
        exchange.receivedByteCount = 1_000
        exchange.receivedBodyByteCount = 900
        exchange.sentByteCount = 512
        exchange.sentBodyByteCount = 256
        exchange.status = 200
    }

    /// What an engine would have kept of it.
    func captured(_ plan: CapturePlan) -> [UInt8] {
        let capture = ExchangeCapture(plan)
        var texts = ByteBuffer()
        let bytes = Array(head.utf8)
        if isUnparsed {
            capture.capture(unparsed: bytes.span, from: peer, into: &texts)
        } else {
            var received = UniqueBox(
                ReceivedRequest(peer: peer, trustedProxies: trustedProxies))
            do {
                _ = try RequestParser(
                    limits: .init(maxTargetLength: 65_535, maxHeadBytes: 1 << 20)
                ).parse(bytes.span, from: 0, into: &received.value.head)
            } catch {
                preconditionFailure("the test's head: \(error)")
            }
            let view = RequestView(bytes.span, body: Span(), received.borrowed)
            capture.capture(view, into: &texts)
        }
        var message = ResponseMessage()
        message.notes = notes
        capture.capture(message, into: &texts)
        return Array(copying: texts.span)
    }

    /// Its line, without the end.
    func line(_ format: AccessLogFormat) -> String {
        var line = AccessLogLine(format, isLocal: false)
        var output = ByteBuffer()
        line.append(
            exchange, texts: captured(format.plan).span, in: surroundings, clock: Self.clock,
            drainStart: drainStart, to: &output)
        let text = String(decoding: Array(copying: output.span), as: UTF8.self)
        precondition(text.hasSuffix("\n"))
        return String(text.dropLast())
    }

    /// Its line in a format of verbs.
    func line(_ format: String) throws -> String {
        line(try AccessLogFormat.parse(format))
    }

    /// The value of one member of a JSON line.
    func json(_ type: String, _ argument: String? = nil) throws -> String {
        let member = ["x", type] + (argument.map { [$0] } ?? [])
        let text = "[[" + member.map { "\"\($0)\"" }.joined(separator: ",") + "]]"
        let line = line(try AccessLogFormat(jsonFields: Array(text.utf8)))
        return String(line.dropFirst(5).dropLast())
    }
}
