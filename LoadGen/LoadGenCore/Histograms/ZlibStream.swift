internal import CZlib

/// Whole zlib streams (RFC 1950) in memory, for the compressed form of histograms. These are
/// kilobytes at the end of a run; nothing here is fast or needs to be.
enum ZlibStream {
    /// The most bytes that a stream may unpack to: the counters of the largest histogram that
    /// anybody writes. A longer stream is refused, so a small file cannot ask for all memory.
    static let maximumUnpackedByteCount = 4 << 20

    /// Packs `bytes` at zlib's default level.
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var packedCount = compressBound(uLong(bytes.count))
        var packed = [UInt8](repeating: 0, count: Int(packedCount))
        // SAFETY: both arrays outlive the call, and zlib is told their sizes.
        let status = unsafe packed.withUnsafeMutableBufferPointer { destination in
            unsafe bytes.withUnsafeBufferPointer { source in
                unsafe compress2(
                    destination.baseAddress, &packedCount, source.baseAddress, uLong(source.count),
                    Z_DEFAULT_COMPRESSION)
            }
        }
        // The bound is zlib's own, so only its lack of memory can fail here.
        precondition(status == Z_OK, "zlib could not compress")
        packed.removeLast(packed.count - Int(packedCount))
        return packed
    }

    /// Unpacks a stream, or gives nil when it is damaged or longer than the limit.
    static func decompress(_ packed: [UInt8]) -> [UInt8]? {
        var capacity = 64 << 10
        while capacity <= maximumUnpackedByteCount {
            var bytes = [UInt8](repeating: 0, count: capacity)
            var count = uLong(capacity)
            // SAFETY: both arrays outlive the call, and zlib is told their sizes.
            let status = unsafe bytes.withUnsafeMutableBufferPointer { destination in
                unsafe packed.withUnsafeBufferPointer { source in
                    unsafe uncompress(
                        destination.baseAddress, &count, source.baseAddress, uLong(source.count))
                }
            }
            if status == Z_OK {
                bytes.removeLast(capacity - Int(count))
                return bytes
            }
            guard status == Z_BUF_ERROR else { return nil }
            capacity *= 2
        }
        return nil
    }
}
