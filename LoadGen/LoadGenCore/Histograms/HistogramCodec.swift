package import Containers

/// Why bytes are not a histogram.
package enum HistogramDecodingError: Error, Equatable {
    /// The text is not base64.
    case notBase64
    /// The first four bytes are not those of the V2 form.
    case wrongCookie(UInt32)
    /// The bytes end before what they announce.
    case truncated
    /// The compressed part is damaged, or longer than any histogram.
    case damagedStream
    /// The header describes a histogram that cannot exist or that we refuse to hold.
    case impossibleLayout
    /// There are more counters than the layout has, or their sum does not fit.
    case impossibleCounters
}

/// HdrHistogram's V2 encoding: what its plotter, its log analyser and its libraries read.
///
///     plain        cookie 0x1C849303 | 0x10, payload length, normalising offset (0), digits,
///                  lowest and highest value, ratio (1.0): 40 bytes, big-endian; then the
///                  counters as ZigZag LEB128 numbers, where -n stands for n zeros
///     compressed   cookie 0x1C849304 | 0x10, length, zlib stream of the plain form
package enum HistogramCodec {
    private static let plainCookie: UInt32 = 0x1C84_9303
    private static let compressedCookie: UInt32 = 0x1C84_9304
    /// Bits 4 to 7 of a cookie hold the word size, which V2 always sets to 1 and readers ignore.
    private static let wordSizeMask: UInt32 = 0xF0
    private static let headerByteCount = 40

    /// The most counters we hold for a decoded histogram: 1 ns to a day at three digits needs
    /// 37,888, so this refuses only nonsense.
    private static let maximumCounterCount = 1 << 20

    /// The plain form.
    package static func encode(_ histogram: Histogram) -> [UInt8] {
        let payload = encodeCounters(histogram)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerByteCount + payload.count)
        append(plainCookie | 0x10, to: &bytes)
        append(UInt32(payload.count), to: &bytes)
        append(UInt32(0), to: &bytes)
        append(UInt32(histogram.layout.significantDigits), to: &bytes)
        append(UInt64(histogram.layout.lowestDiscernibleValue), to: &bytes)
        append(UInt64(histogram.layout.highestTrackableValue), to: &bytes)
        append(Double(1).bitPattern, to: &bytes)
        bytes += payload
        return bytes
    }

    /// The compressed form in base64, as one line: it begins with `HISTFAA`.
    package static func encodeCompressedText(_ histogram: Histogram) -> String {
        let stream = ZlibStream.compress(encode(histogram))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + stream.count)
        append(compressedCookie | 0x10, to: &bytes)
        append(UInt32(stream.count), to: &bytes)
        bytes += stream
        return Base64.encode(bytes)
    }

    /// Reads the plain form.
    package static func decode(_ bytes: [UInt8]) throws(HistogramDecodingError) -> Histogram {
        var reader = BigEndianReader(bytes)
        let cookie: UInt32 = try reader.next()
        guard cookie & ~wordSizeMask == plainCookie else { throw .wrongCookie(cookie) }
        let payloadByteCount: UInt32 = try reader.next()
        let normalisingOffset: UInt32 = try reader.next()
        let digits: UInt32 = try reader.next()
        let lowest: UInt64 = try reader.next()
        let highest: UInt64 = try reader.next()
        let _: UInt64 = try reader.next()

        guard normalisingOffset == 0, digits <= 5,
            let lowest = Int(exactly: lowest), let highest = Int(exactly: highest),
            let layout = HistogramLayout(
                lowest: lowest, highest: highest, significantDigits: Int(digits)),
            layout.counterCount <= maximumCounterCount
        else { throw .impossibleLayout }
        // Early versions of the C library counted the header in: their length is that of all.
        let counted = Int(payloadByteCount) == bytes.count ? headerByteCount : 0
        guard reader.remainingCount >= Int(payloadByteCount) - counted else { throw .truncated }
        let payload = bytes[reader.position..<headerByteCount + Int(payloadByteCount) - counted]
        return Histogram(
            layout: layout,
            counters: try decodeCounters(payload, limit: layout.counterCount))
    }

    /// Reads the compressed form in base64.
    package static func decodeCompressedText(
        _ text: some StringProtocol
    ) throws(HistogramDecodingError) -> Histogram {
        guard let bytes = Base64.decode(text) else { throw .notBase64 }
        var reader = BigEndianReader(bytes)
        let cookie: UInt32 = try reader.next()
        guard cookie & ~wordSizeMask == compressedCookie else { throw .wrongCookie(cookie) }
        let streamByteCount: UInt32 = try reader.next()
        guard reader.remainingCount >= Int(streamByteCount) else { throw .truncated }
        let stream = bytes[reader.position..<reader.position + Int(streamByteCount)]
        guard let plain = ZlibStream.decompress(Array(stream)) else { throw .damagedStream }
        return try decode(plain)
    }

    private static func encodeCounters(_ histogram: Histogram) -> [UInt8] {
        var payload: [UInt8] = []
        let used = histogram.isEmpty ? 0 : histogram.layout.index(of: histogram.maximum) + 1
        var index = 0
        while index < used {
            let counter = histogram.counters[index]
            index += 1
            guard counter == 0 else {
                appendZigZag(Int64(counter), to: &payload)
                continue
            }
            var zeros = 1
            while index < used, histogram.counters[index] == 0 {
                zeros += 1
                index += 1
            }
            // A single zero is the number 0; -1 is left to no meaning.
            appendZigZag(zeros == 1 ? 0 : Int64(-zeros), to: &payload)
        }
        return payload
    }

    private static func decodeCounters(
        _ payload: ArraySlice<UInt8>, limit: Int
    ) throws(HistogramDecodingError) -> [UInt64] {
        var counters: [UInt64] = []
        var sum: UInt64 = 0
        var position = payload.startIndex
        while position < payload.endIndex {
            let number = try nextZigZag(payload, &position)
            if number < 0 {
                guard number >= -Int64(limit - counters.count) else { throw .impossibleCounters }
                counters.append(contentsOf: repeatElement(0, count: Int(-number)))
            } else {
                let (total, overflow) = sum.addingReportingOverflow(UInt64(number))
                guard counters.count < limit, !overflow else { throw .impossibleCounters }
                counters.append(UInt64(number))
                sum = total
            }
        }
        return counters
    }

    /// Appends a number as LEB128 of its ZigZag form, in the variant whose ninth byte carries
    /// eight bits so that 64 bits never need a tenth.
    private static func appendZigZag(_ number: Int64, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: (number << 1) ^ (number >> 63))
        for _ in 0..<8 {
            if rest < 0x80 {
                bytes.append(UInt8(rest))
                return
            }
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private static func nextZigZag(
        _ bytes: ArraySlice<UInt8>, _ position: inout Int
    ) throws(HistogramDecodingError) -> Int64 {
        var value: UInt64 = 0
        for step in 0..<9 {
            guard position < bytes.endIndex else { throw .truncated }
            let byte = bytes[position]
            position += 1
            let isLast = step == 8 || byte < 0x80
            value |= UInt64(isLast ? byte : byte & 0x7F) << UInt64(7 * step)
            if isLast { break }
        }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}

/// Takes big-endian integers off the front of bytes.
private struct BigEndianReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remainingCount: Int { bytes.count - position }

    mutating func next<Value: FixedWidthInteger>() throws(HistogramDecodingError) -> Value {
        let end = position + Value.bitWidth / 8
        guard end <= bytes.count else { throw .truncated }
        defer { position = end }
        return bytes[position..<end].reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }
}
