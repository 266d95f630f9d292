/// The name of one registration with the selector, carried in epoll's data word.
///
/// A slot number alone would be reused while events of its former owner are still in the batch; the
/// generation tells the two apart (mio's `Token`, NIO's registration id, nginx's instance bit).
///
/// Public, as `Readiness` and `Instant` are, only because nothing less is inlined into another module
/// (docs/WORKAROUNDS.md).
public struct Token: Equatable, Sendable {
    /// The slot in the low 32 bits, the generation in the high 32 bits.
    public let rawValue: UInt64

    /// The name of a slot's owner of this generation.
    @inlinable
    public init(slot: Int, generation: UInt32) {
        rawValue = UInt64(generation) << 32 | UInt64(UInt32(slot))
    }

    /// The name that was carried as a number.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The index of the owner's slot.
    @inlinable
    public var slot: Int { Int(UInt32(truncatingIfNeeded: rawValue)) }

    /// Which of the slot's successive owners is meant.
    @inlinable
    public var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
}
