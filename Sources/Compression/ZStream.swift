internal import CZlib

/// zlib's record of a stream, on the heap because zlib's state points back to it: it must not move.
@safe
struct ZStream: ~Copyable {
    /// What one call of zlib has done.
    struct Step: BitwiseCopyable {
        var status: Int32
        /// Bytes of the input that were used.
        var used: Int
        /// Bytes that were made.
        var made: Int
        /// There was no room left: there may be more to make.
        var isFull: Bool
    }

    /// The most that one call takes or makes: zlib counts in 32 bits.
    private static let maxByteCount = 1 << 30

    // Invariant: our own allocation, initialised, freed by `deinit` alone.
    let record: UnsafeMutablePointer<z_stream>

    init() {
        unsafe record = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        // SAFETY: just allocated for one record. Zeros ask zlib for its own malloc(3).
        unsafe record.initialize(to: z_stream())
    }

    deinit {
        // SAFETY: the owner has ended the stream, and the record holds nothing of ours.
        unsafe record.deallocate()
    }

    /// Lets zlib take from a span and append to an array.
    ///
    /// - Parameters:
    ///   - room: The most bytes to make; 1 or more.
    ///   - call: `deflate` or `inflate` with its flush, on the record.
    mutating func step(
        _ input: Span<UInt8>, room: Int, into output: inout [UInt8],
        _ call: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> Step {
        let offered = min(input.count, Self.maxByteCount)
        let room = min(room, Self.maxByteCount)
        var step = Step(status: Z_OK, used: 0, made: 0, isFull: false)
        output.append(addingCapacity: room) { added in
            // SAFETY: zlib is told the sizes of both, which outlive the call; it writes no byte
            // beyond `avail_out`, and does not write to the input, whatever its type says.
            unsafe added.withUnsafeMutableBufferPointer { target, count in
                unsafe input.withUnsafeBufferPointer { source in
                    unsafe record.pointee.next_in = UnsafeMutablePointer(
                        mutating: source.baseAddress)
                    unsafe record.pointee.avail_in = UInt32(offered)
                    unsafe record.pointee.next_out = target.baseAddress
                    unsafe record.pointee.avail_out = UInt32(room)
                    step.status = unsafe call(record)
                    unsafe step.used = offered - Int(record.pointee.avail_in)
                    unsafe step.made = room - Int(record.pointee.avail_out)
                    unsafe record.pointee.next_in = nil
                    unsafe record.pointee.next_out = nil
                }
                count = step.made
            }
        }
        step.isFull = step.made == room
        return step
    }
}
