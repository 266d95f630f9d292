internal import Arguments

/// Bytes with numbers filled in per request: `{seq}` counts requests, `{rand:1-1000}` draws one.
///
/// A template is compiled once, into pieces; rendering walks them and allocates nothing. Braces
/// that spell neither placeholder are kept as they are, since JSON bodies are full of them.
package struct Template: Sendable, Equatable {
    private enum Piece: Sendable, Equatable {
        case text(Range<Int>)
        case sequence
        case random(first: UInt64, count: UInt64)
    }

    /// The numbers of one request, drawn before it is written so that its length is known first:
    /// `Content-Length` stands in front of the body that it measures.
    package struct Draw: Sendable {
        fileprivate var numbers: [8 of UInt64]
        /// How many bytes the template renders to with these numbers.
        package fileprivate(set) var byteCount: Int
    }

    /// The most placeholders in one template; their numbers live on the stack.
    package static let maximumPlaceholderCount = 8

    private let bytes: [UInt8]
    private let pieces: [Piece]
    private let textByteCount: Int

    /// The most bytes that any rendering has: what a caller reserves.
    package let maximumByteCount: Int

    /// Whether every rendering is the same.
    package var isConstant: Bool { maximumByteCount == textByteCount }

    /// Compiles `source`.
    init(_ source: [UInt8]) throws(ValueError) {
        var pieces: [Piece] = []
        var position = 0
        var textStart = 0
        func endText(at end: Int) {
            if end > textStart { pieces.append(.text(textStart..<end)) }
        }
        while let brace = source[position...].firstIndex(of: UInt8(ascii: "{")) {
            guard let (piece, end) = try Self.placeholder(source[brace...]) else {
                position = brace + 1
                continue
            }
            endText(at: brace)
            pieces.append(piece)
            position = end
            textStart = end
        }
        endText(at: source.count)

        var textByteCount = 0
        var numberByteCount = 0
        var placeholderCount = 0
        for piece in pieces {
            switch piece {
            case .text(let range):
                textByteCount += range.count
                continue
            case .sequence: numberByteCount += Self.digitCount(.max)
            case .random(let first, let count):
                numberByteCount += Self.digitCount(first + (count - 1))
            }
            placeholderCount += 1
        }
        guard placeholderCount <= Self.maximumPlaceholderCount else {
            throw ValueError(
                "has \(placeholderCount) placeholders",
                cure: "use at most \(Self.maximumPlaceholderCount)")
        }
        bytes = source
        self.pieces = pieces
        self.textByteCount = textByteCount
        maximumByteCount = textByteCount + numberByteCount
    }

    /// Compiles the bytes of `source`.
    init(_ source: String) throws(ValueError) { try self.init(Array(source.utf8)) }

    /// Draws the numbers of request `sequence`.
    package func draw(sequence: UInt64, using generator: inout SeededGenerator) -> Draw {
        var draw = Draw(numbers: [8 of UInt64](repeating: 0), byteCount: textByteCount)
        var next = 0
        for piece in pieces {
            switch piece {
            case .text: continue
            case .sequence: draw.numbers[next] = sequence
            case .random(let first, let count):
                draw.numbers[next] = first + generator.next(below: count)
            }
            draw.byteCount += Self.digitCount(draw.numbers[next])
            next += 1
        }
        return draw
    }

    /// Appends the bytes with the numbers of `draw`, which this template made.
    ///
    /// - Precondition: `output` has room for `draw.byteCount` bytes.
    package func render(_ draw: Draw, into output: inout OutputSpan<UInt8>) {
        precondition(output.freeCapacity >= draw.byteCount)
        var next = 0
        for piece in pieces {
            if case .text(let range) = piece {
                for index in range { output.append(bytes[index]) }
            } else {
                Self.append(draw.numbers[next], to: &output)
                next += 1
            }
        }
    }

    /// The placeholder at the front of `source` and where it ends; nil when the brace is text.
    private static func placeholder(
        _ source: ArraySlice<UInt8>
    ) throws(ValueError) -> (Piece, Int)? {
        let sequence = Array("{seq}".utf8)
        if source.starts(with: sequence) { return (.sequence, source.startIndex + sequence.count) }
        let random = Array("{rand:".utf8)
        guard source.starts(with: random) else { return nil }
        let error = ValueError(
            "has a {rand:…} that is not understood",
            cure: "write {rand:1-1000}, the smaller number first")
        guard let close = source.firstIndex(of: UInt8(ascii: "}")) else { throw error }
        let range = String(
            decoding: source[(source.startIndex + random.count)..<close], as: UTF8.self)
        let ends = range.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]),
            first <= last, last - first < .max
        else { throw error }
        return (.random(first: first, count: last - first + 1), close + 1)
    }

    private static func digitCount(_ number: UInt64) -> Int {
        var count = 1
        var rest = number / 10
        while rest > 0 {
            count += 1
            rest /= 10
        }
        return count
    }

    private static func append(_ number: UInt64, to output: inout OutputSpan<UInt8>) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            output.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
