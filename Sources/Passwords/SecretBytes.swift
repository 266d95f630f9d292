internal import Glibc

/// Bytes that are overwritten when the last owner lets go of them (explicit_bzero(3)). Wipes this
/// one copy: those from which it was made are somebody else's.
@safe
package final class SecretBytes: Sendable {
    // SAFETY: written in the initialiser only, freed in the deinitialiser only.
    private nonisolated(unsafe) let bytes: UnsafeMutableBufferPointer<UInt8>

    /// Copies bytes.
    package init(copying source: Span<UInt8>) {
        unsafe bytes = .allocate(capacity: source.count)
        // SAFETY: the memory holds as many.
        for index in source.indices { unsafe bytes[index] = source[index] }
    }

    deinit {
        // SAFETY: nobody else has the memory; without any bytes there is no address to wipe.
        if let start = unsafe bytes.baseAddress { unsafe explicit_bzero(start, bytes.count) }
        unsafe bytes.deallocate()
    }

    /// Whether somebody has sent these; in constant time.
    package func isEqual(to sent: Span<UInt8>) -> Bool {
        // SAFETY: the memory lives as long as we do, which is beyond the call.
        let secret = unsafe Span(_unsafeElements: UnsafeBufferPointer(bytes))
        return withExtendedLifetime(self) { ConstantTime.isEqual(sent, secret: secret) }
    }
}
