/// Comparing what must stay secret.
package enum ConstantTime {
    /// Whether what somebody has sent is the secret, in a time that depends on the length of what was
    /// sent and on nothing else: neither on where the two differ, nor on the secret's length. So who
    /// measures answers learns nothing about it.
    ///
    /// As far as a language can promise it that knows nothing of the kind: every byte that was sent
    /// is looked at, and nothing branches on what is found. Only an empty secret is told apart.
    package static func isEqual(_ sent: Span<UInt8>, secret: Span<UInt8>) -> Bool {
        guard !secret.isEmpty else { return sent.isEmpty }
        // A difference in length is one, however the bytes compare.
        var difference = UInt(bitPattern: sent.count ^ secret.count)
        var place = 0
        for index in sent.indices {
            difference |= UInt(sent[index] ^ secret[place])
            place &+= 1  // At most the secret's length.
            // All ones until the end is reached, then 0: begins anew without a branch.
            place &= (place &- secret.count) >> (Int.bitWidth - 1)
        }
        return difference == 0
    }
}
