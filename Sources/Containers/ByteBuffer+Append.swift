// Appending. A response is written with about eight of these calls, so each is a capacity check,
// a copy and an addition. They are inlinable because a literal's length is then a constant at the
// call and its copy becomes a few stores.

extension ByteBuffer {
    /// Appends one byte.
    @inlinable
    public mutating func append(_ byte: UInt8) {
        if writerIndex == storedCapacity { reserve(1) }
        // SAFETY: there is room for one byte, hence memory.
        unsafe base.unsafelyUnwrapped[Int(writerIndex)] = byte
        writerIndex &+= 1  // writerIndex < storedCapacity
    }

    /// Appends a copy of `bytes`.
    @inlinable
    public mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            // SAFETY: the span vouches for `count` bytes at `start` for as long as we borrow it.
            unsafe append(copying: start, count: source.count)
        }
    }

    /// Appends the bytes of a literal.
    @inlinable
    public mutating func append(_ literal: StaticString) {
        // SAFETY: a literal with a pointer representation lives as long as the program. (One
        // without is a single scalar, which no caller writes; `utf8Start` traps on it.)
        unsafe append(copying: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    /// Appends the UTF-8 of `string`. Allocates nothing unless the buffer grows (a native string
    /// has its UTF-8 at hand).
    ///
    /// Disfavoured because a literal would otherwise be a `String`, which costs some 45
    /// instructions more than a `StaticString`.
    @inlinable
    @_disfavoredOverload
    public mutating func append(_ string: String) {
        append(string.utf8.span)
    }

    /// The one place that copies bytes in.
    @inlinable
    @unsafe
    mutating func append(copying start: UnsafePointer<UInt8>, count: Int) {
        if count > unusedCapacity { reserve(count) }
        guard count > 0 else { return }
        // SAFETY: the caller vouches for the source; `reserve` made room for `count` bytes, and
        // what is exclusively ours cannot overlap the source.
        let end = unsafe base.unsafelyUnwrapped + Int(writerIndex)
        unsafe end.initialize(from: start, count: count)
        writerIndex &+= UInt32(truncatingIfNeeded: count)  // count <= unusedCapacity
    }

    /// Appends `value` in decimal, without leading zeros.
    public mutating func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        let digits = decimalDigitCount(value.magnitude)
        if digits > unusedCapacity { reserve(digits) }
        // SAFETY: there is room for `digits` bytes.
        let start = unsafe base.unsafelyUnwrapped + Int(writerIndex)
        unsafe write(decimal: value.magnitude, digits, at: start)
        writerIndex &+= UInt32(truncatingIfNeeded: digits)  // digits <= unusedCapacity
    }

    /// Appends `first`, the number of bytes of `last` in decimal, two line ends, and `last`: the
    /// usual answer, for which room is looked for once.
    public mutating func append(
        _ first: Span<UInt8>, countAndEmptyLineBefore last: Span<UInt8>
    ) {
        let digits = decimalDigitCount(UInt(bitPattern: last.count))
        let count = first.count + digits + 4 + last.count
        if count > unusedCapacity { reserve(count) }
        // SAFETY: there is room for all of it, and what is exclusively ours cannot overlap the
        // sources, which the spans vouch for.
        var end = unsafe base.unsafelyUnwrapped + Int(writerIndex)
        unsafe first.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe end.initialize(from: start, count: source.count)
        }
        unsafe end += first.count
        unsafe write(decimal: UInt(bitPattern: last.count), digits, at: end)
        unsafe end += digits
        unsafe UnsafeMutableRawPointer(end).storeBytes(of: crlfcrlf, as: UInt32.self)
        unsafe end += 4
        unsafe last.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe end.initialize(from: start, count: source.count)
        }
        writerIndex &+= UInt32(truncatingIfNeeded: count)  // count <= unusedCapacity
    }

    /// Appends `value` in lower-case hexadecimal, without leading zeros: the form of a chunk-size
    /// (RFC 9112 §7.1). `value` must not be negative.
    public mutating func append(hexadecimal value: Int) {
        precondition(value >= 0, "a size is never negative")
        let bits = Int.bitWidth - value.leadingZeroBitCount
        let digits = max(1, (bits + 3) / 4)
        if digits > unusedCapacity { reserve(digits) }
        // SAFETY: there is room for `digits` bytes, and the loop writes exactly so many.
        let start = unsafe base.unsafelyUnwrapped + Int(writerIndex)
        var rest = UInt(bitPattern: value)
        var index = digits
        while index > 0 {
            index &-= 1
            let digit = UInt8(truncatingIfNeeded: rest & 0xF)
            unsafe start[index] = digit < 10 ? digit + UInt8(ascii: "0") : digit + 87  // 'a' - 10
            rest >>= 4
        }
        writerIndex &+= UInt32(truncatingIfNeeded: digits)  // digits <= unusedCapacity
    }
}

/// How many decimal digits `value` has; 1 for zero.
private func decimalDigitCount(_ value: UInt) -> Int {
    var digits = 1
    var limit: UInt = 10
    // 10^19 is the largest power of ten in 64 bits; a value at or above it has 20 digits.
    while value >= limit && digits < 19 {
        digits &+= 1
        limit &*= 10
    }
    return value >= 10_000_000_000_000_000_000 ? 20 : digits
}

/// Writes a number that has so many decimal digits: two for each division by 100, then one or two.
@unsafe
@inline(__always)
private func write(decimal value: UInt, _ digits: Int, at start: UnsafeMutablePointer<UInt8>) {
    var rest = value
    var end = digits
    while rest >= 100 {
        let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
        end &-= 2
        unsafe start[end] = asciiDigit(pair / 10)
        unsafe start[end &+ 1] = asciiDigit(pair % 10)
        rest = quotient
    }
    if rest >= 10 {
        unsafe start[1] = asciiDigit(rest % 10)
        rest /= 10
    }
    unsafe start[0] = asciiDigit(rest)
}

/// Two line ends, as they lie in memory.
private var crlfcrlf: UInt32 { UInt32(littleEndian: 0x0A0D_0A0D) }

private func asciiDigit(_ value: UInt) -> UInt8 {
    UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value)  // value is 0...9
}
