extension Array where Element == UInt8 {
    /// A copy of these bytes. O(n); one allocation.
    package init(copying bytes: Span<UInt8>) {
        // SAFETY: the span vouches for its bytes during the call.
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Appends a copy of these bytes. O(n).
    package mutating func append(copying bytes: Span<UInt8>) {
        // SAFETY: as above.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
