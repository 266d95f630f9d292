// Plain values as the bytes that they are in memory, for what stays inside one process.

extension ByteBuffer {
    /// Appends the bytes of a plain value, its padding included.
    @inlinable
    public mutating func append<Value: BitwiseCopyable>(bytesOf value: Value) {
        let size = MemoryLayout<Value>.size
        if size > unusedCapacity { reserve(size) }
        guard size > 0 else { return }
        // SAFETY: there is room for `size` bytes, at any alignment.
        let end = unsafe UnsafeMutableRawPointer(base.unsafelyUnwrapped + Int(writerIndex))
        unsafe end.storeBytes(of: value, as: Value.self)
        writerIndex &+= UInt32(truncatingIfNeeded: size)  // size <= unusedCapacity
    }
}

extension Span where Element == UInt8 {
    /// The value whose bytes stand at `offset`. They must be those of a value of this type, as
    /// `ByteBuffer.append(bytesOf:)` has written them or as they lie in a span of such values.
    @inlinable
    public func value<Value: BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
        let size = MemoryLayout<Value>.size
        precondition(offset >= 0 && offset <= count && size <= count - offset)
        return unsafe withUnsafeBytes { bytes in
            // SAFETY: the bytes are there; the caller vouches for what they are.
            unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type)
        }
    }
}

extension Span where Element: BitwiseCopyable {
    /// The bytes of all values, to be copied as they are: each a stride behind the one before it, the
    /// last perhaps without the padding behind it.
    @inlinable
    public var bytesOfValues: RawSpan {
        @_lifetime(copy self)
        get {
            // SAFETY: the values are plain; what lies between their members is copied, not looked at.
            unsafe bytes
        }
    }
}
