/// One kind of request as bytes on the wire, compiled once and rendered per request without
/// allocation. A request without placeholders renders to the same bytes every time, so that a
/// connection can keep it rendered.
package struct RequestTemplate: Sendable {
    /// The numbers and lengths of one request, settled before its first byte is written.
    package struct Draw: Sendable {
        fileprivate var path: Template.Draw
        fileprivate var body: Template.Draw
        /// Bytes up to and including the blank line.
        package fileprivate(set) var headByteCount: Int
        /// Bytes behind it, with the chunk framing if there is any.
        package fileprivate(set) var bodyByteCount: Int
    }

    /// How the end of the body is told.
    private enum Framing: Sendable {
        case none
        case contentLength
        case chunked
    }

    /// The method. An answer to HEAD has no body whatever its fields say (RFC 9112 §6.3).
    package let method: String
    /// What counts as a valid answer to this one.
    package let expectedStatus: StatusSet
    /// Whether the body must wait for `100 Continue`.
    package let expectsContinue: Bool
    /// Whether every rendering is the same.
    package let isConstant: Bool
    /// The most bytes that head and body together render to.
    package let maximumByteCount: Int

    private let beforePath: [UInt8]
    private let path: Template
    private let fields: [UInt8]
    private let body: Template
    private let framing: Framing

    /// Compiles one entry of the options' mix.
    package init(_ entry: MixEntry, options: Options) throws(OptionError) {
        do {
            path = try Template(entry.path)
            body = try Template(entry.body)
        } catch { throw error.of("request", entry.path) }
        method = entry.method
        expectedStatus = entry.expectedStatus ?? options.expectedStatus
        let hasBody = !entry.body.isEmpty
        expectsContinue = options.expectsContinue && hasBody
        framing =
            if hasBody {
                options.sendsChunked ? .chunked : .contentLength
            } else {
                // A method that defines a meaning for a body says that there is none
                // (RFC 9110 §8.6).
                ["POST", "PUT", "PATCH"].contains(entry.method) ? .contentLength : .none
            }
        beforePath = Array("\(entry.method) ".utf8)
        fields = Array(Self.fields(options, hasBody: hasBody).utf8)
        isConstant = path.isConstant && body.isConstant
        // Digits of a length, or two chunk lines: 20 for a decimal number, 16 and the last chunk
        // for a hexadecimal one.
        let framingByteCount = Self.transferEncoding.count + 20 + 40
        maximumByteCount =
            beforePath.count + path.maximumByteCount + fields.count + framingByteCount
            + body.maximumByteCount
    }

    /// Settles request number `sequence`.
    package func draw(sequence: UInt64, using generator: inout SeededGenerator) -> Draw {
        let path = path.draw(sequence: sequence, using: &generator)
        let body = body.draw(sequence: sequence, using: &generator)
        var head = beforePath.count + path.byteCount + fields.count + Self.endOfHead.count
        var wire = body.byteCount
        switch framing {
        case .none: break
        case .contentLength:
            head += Self.contentLength.count + Self.digits(body.byteCount, 10)
        case .chunked:
            head += Self.transferEncoding.count
            wire += Self.digits(body.byteCount, 16) + 4 + Self.lastChunk.count
        }
        return Draw(path: path, body: body, headByteCount: head, bodyByteCount: wire)
    }

    /// Appends the head.
    ///
    /// - Precondition: `output` has room for `draw.headByteCount` bytes.
    package func renderHead(_ draw: Draw, into output: inout OutputSpan<UInt8>) {
        Self.append(beforePath, to: &output)
        path.render(draw.path, into: &output)
        Self.append(fields, to: &output)
        switch framing {
        case .none: break
        case .contentLength:
            Self.append(Self.contentLength, to: &output)
            Self.append(draw.body.byteCount, radix: 10, to: &output)
        case .chunked: Self.append(Self.transferEncoding, to: &output)
        }
        Self.append(Self.endOfHead, to: &output)
    }

    /// Appends the body, as one chunk when it is chunked.
    ///
    /// - Precondition: `output` has room for `draw.bodyByteCount` bytes.
    package func renderBody(_ draw: Draw, into output: inout OutputSpan<UInt8>) {
        switch framing {
        case .none: break
        case .contentLength: body.render(draw.body, into: &output)
        case .chunked:
            Self.append(draw.body.byteCount, radix: 16, to: &output)
            Self.append(Self.endOfLine, to: &output)
            body.render(draw.body, into: &output)
            Self.append(Self.endOfLine, to: &output)
            Self.append(Self.lastChunk, to: &output)
        }
    }

    private static let contentLength: [UInt8] = Array("\r\nContent-Length: ".utf8)
    private static let transferEncoding: [UInt8] = Array("\r\nTransfer-Encoding: chunked".utf8)
    private static let lastChunk: [UInt8] = Array("0\r\n\r\n".utf8)
    private static let endOfHead: [UInt8] = Array("\r\n\r\n".utf8)
    private static let endOfLine: [UInt8] = Array("\r\n".utf8)

    /// The rest of the request line and the fields that never change. Every line brings the end
    /// of the one before, so the last has none.
    private static func fields(_ options: Options, hasBody: Bool) -> String {
        var lines = [" HTTP/1.1"]
        let names = Set(options.headerFields.map { $0.name.lowercased() })
        if !names.contains("host") { lines.append("Host: \(options.target.authority)") }
        for field in options.headerFields { lines.append("\(field.name): \(field.value)") }
        if !options.keepsAlive { lines.append("Connection: close") }
        if hasBody {
            if let type = options.contentType, !names.contains("content-type") {
                lines.append("Content-Type: \(type)")
            }
            if options.expectsContinue { lines.append("Expect: 100-continue") }
        }
        return lines.joined(separator: "\r\n")
    }

    private static func append(_ bytes: [UInt8], to output: inout OutputSpan<UInt8>) {
        for byte in bytes { output.append(byte) }
    }

    private static func digits(_ number: Int, _ radix: Int) -> Int {
        var count = 1
        var rest = number / radix
        while rest > 0 {
            count += 1
            rest /= radix
        }
        return count
    }

    private static func append(
        _ number: Int, radix: Int, to output: inout OutputSpan<UInt8>
    ) {
        var divisor = 1
        while number / divisor >= radix { divisor *= radix }
        while divisor > 0 {
            let digit = UInt8(number / divisor % radix)
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            divisor /= radix
        }
    }
}
