internal import CCrypt
internal import Glibc

/// What is kept of a password, in the form of crypt(5): enough to recognise it, and slow enough that
/// nobody tries all there are.
@safe
package struct PasswordHash: Hashable, Sendable {
    /// How it was made.
    package enum Kind: Sendable, CaseIterable {
        /// `$2b$`, `$2y$`. Looks at the first 72 bytes of a password.
        case bcrypt
        /// `$y$`: needs memory too, which makes it the strongest.
        case yescrypt
        /// `$5$`
        case sha256
        /// `$6$`
        case sha512
    }

    /// How it was made.
    package let kind: Kind

    // Invariant: of the form that its kind has; ASCII without NUL.
    private let text: [UInt8]

    /// The longest password that libcrypt takes: `CRYPT_MAX_PASSPHRASE_SIZE` with its NUL.
    package static let maxPasswordByteCount = 511

    /// The highest cost of bcrypt: at 2¹⁶ rounds one look takes some seconds.
    package static let maxBcryptCost = 16

    /// The most rounds of the SHA kinds, for the same time.
    package static let maxRounds = 10_000_000

    /// Takes a hash.
    ///
    /// - Throws: Why it is none, or none that is safe to keep.
    package init(_ text: String) throws(PasswordHashFault) {
        kind = try Self.kind(of: text)
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).dropFirst(2)
        let isWhole =
            switch kind {
            case .bcrypt: try Self.isBcrypt(parts)
            case .yescrypt: Self.isYescrypt(parts)
            case .sha256: try Self.isSHA(parts, digestCount: 43)
            case .sha512: try Self.isSHA(parts, digestCount: 86)
            }
        guard isWhole else { throw .malformed }
        self.text = Array(text.utf8)
    }

    /// Whether it is this password's. Takes as long as the hash is strong, 50 to 500 ms, whatever the
    /// answer is: not for the loop's thread. A password that is longer than any can be, or holds NUL,
    /// is refused at once.
    package func matches(_ password: Span<UInt8>) -> Bool {
        guard password.count <= Self.maxPasswordByteCount else { return false }
        for index in password.indices where password[index] == 0 { return false }
        var phrase = password.indices.map { password[$0] } + [0]
        // 32 KiB are too much for the stack of a thread that is not ours.
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer {
            // SAFETY: both are ours, and nobody looks at them after this.
            unsafe explicit_bzero(memory.baseAddress!, size)
            unsafe explicit_bzero(&phrase, phrase.count)
            unsafe memory.deallocate()
        }
        // SAFETY: crypt_rn(3) wants zeros at first, two texts that end with NUL, and writes no more
        // than the size. What it returns is nil or lies in the memory and ends with NUL.
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
        let computed: [UInt8]? = unsafe phrase.withUnsafeBytes { phrase in
            unsafe (text + [0]).withUnsafeBytes { setting in
                let phrase = unsafe phrase.baseAddress!.assumingMemoryBound(to: CChar.self)
                let setting = unsafe setting.baseAddress!.assumingMemoryBound(to: CChar.self)
                guard
                    let result = unsafe crypt_rn(
                        phrase, setting, memory.baseAddress!, Int32(size))
                else { return nil }
                return unsafe Array(UnsafeRawBufferPointer(start: result, count: strlen(result)))
            }
        }
        guard let computed else { return false }
        return ConstantTime.isEqual(computed.span, secret: text.span)
    }

    // MARK: Forms, as crypt(5) has them

    private static func kind(of text: String) throws(PasswordHashFault) -> Kind {
        for (prefix, kind) in [
            ("$2b$", Kind.bcrypt), ("$2y$", .bcrypt), ("$y$", .yescrypt), ("$5$", .sha256),
            ("$6$", .sha512),
        ] where text.hasPrefix(prefix) { return kind }
        if text.hasPrefix("{SHA}") { throw .weak("SHA-1 without salt") }
        if text.hasPrefix("$apr1$") || text.hasPrefix("$1$") { throw .weak("MD5") }
        if text.hasPrefix("$") || text.hasPrefix("{") { throw .unknown }
        throw .plainText
    }

    private static func isBcrypt(_ parts: ArraySlice<Substring>) throws(PasswordHashFault) -> Bool {
        guard let cost = parts.first, cost.utf8.count == 2, let number = decimal(cost),
            number >= 4, let rest = parts.dropFirst().first, parts.count == 2,
            rest.utf8.count == 53, isAlphabet(rest)
        else { return false }
        guard number <= maxBcryptCost else {
            throw .slow("its cost of \(number) is above \(maxBcryptCost)")
        }
        return true
    }

    /// Parameters, salt and digest.
    private static func isYescrypt(_ parts: ArraySlice<Substring>) -> Bool {
        guard parts.count == 3, let digest = parts.last else { return false }
        return digest.utf8.count == 43 && parts.allSatisfy { !$0.isEmpty && isAlphabet($0) }
            && parts.allSatisfy { $0.utf8.count <= 86 }
    }

    /// Perhaps rounds, then salt and digest.
    private static func isSHA(
        _ parts: ArraySlice<Substring>, digestCount: Int
    ) throws(PasswordHashFault) -> Bool {
        var parts = parts
        if let first = parts.first, first.hasPrefix("rounds=") {
            guard let rounds = decimal(first.dropFirst(7)) else { return false }
            guard rounds <= maxRounds else {
                throw .slow("its \(rounds) rounds are more than \(maxRounds)")
            }
            parts.removeFirst()
        }
        guard parts.count == 2, let salt = parts.first, let digest = parts.last else {
            return false
        }
        return (1...16).contains(salt.utf8.count) && isAlphabet(salt)
            && digest.utf8.count == digestCount && isAlphabet(digest)
    }

    private static func decimal(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    /// The letters, digits, dot and slash of which salts and digests are.
    private static func isAlphabet(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 0x2E...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
    }
}

/// Why a text is no hash to keep.
package enum PasswordHashFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// It has no form of crypt(5), so it is the password itself, or a DES hash, which is as bad.
    case plainText
    /// A hash that can be tried billions of times a second.
    case weak(String)
    /// A kind that is not known here.
    case unknown
    /// Its kind is known, but it is not complete, or has something in it that cannot be.
    case malformed
    /// It would keep a thread for many seconds.
    case slow(String)

    /// What is wrong, and how to make a good one.
    package var description: String {
        switch self {
        case .plainText: "this is a password in plain text, or a DES hash; \(Self.cure)"
        case .weak(let name): "this is \(name), which is tried too fast; \(Self.cure)"
        case .unknown: "this kind of hash is not known; \(Self.cure)"
        case .malformed: "this hash is incomplete or damaged; \(Self.cure)"
        case .slow(let reason): "this hash would take many seconds: \(reason); \(Self.cure)"
        }
    }

    private static let cure = "make one by 'htpasswd -B' or 'mkpasswd -m yescrypt'"
}
