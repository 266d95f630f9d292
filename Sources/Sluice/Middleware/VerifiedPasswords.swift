internal import Passwords
internal import Synchronization

/// Passwords that have been found right a short while ago, so that a client that sends its own with
/// every request pays for the hash once. Any thread.
///
/// Kept are the passwords themselves: a fast hash of them would protect nothing, and a slow one is
/// what is to be saved. So there are few, for a short time, compared in constant time and wiped when
/// they go. One that has run out goes when somebody asks for it, or when room is needed.
final class VerifiedPasswords: Sendable {
    private struct Entry: Sendable {
        let password: SecretBytes
        let expiresAt: UInt64
    }

    /// Users whose passwords are kept: as many as use a server at a time through an interface.
    static let maxCount = 256
    /// Nanoseconds for which one is kept: 5 minutes.
    static let lifetime: UInt64 = 300_000_000_000

    private let entries = Mutex<[String: Entry]>([:])

    /// Whether this is the user's password, as far as is known at a moment in nanoseconds. A `false`
    /// means nothing.
    func contains(_ user: String, _ password: Span<UInt8>, at now: UInt64) -> Bool {
        let entry = entries.withLock { entries -> Entry? in
            guard let entry = entries[user] else { return nil }
            if entry.expiresAt > now { return entry }
            entries[user] = nil
            return nil
        }
        return entry?.password.isEqual(to: password) ?? false
    }

    /// Keeps a password in place of the user's last.
    func insert(_ user: String, _ password: Span<UInt8>, at now: UInt64) {
        let entry = Entry(
            password: SecretBytes(copying: password), expiresAt: now + Self.lifetime)
        entries.withLock { entries in
            if entries.count >= Self.maxCount, entries[user] == nil {
                Self.makeRoom(in: &entries, at: now)
            }
            entries[user] = entry
        }
    }

    var count: Int { entries.withLock { $0.count } }

    /// Drops all that have run out, or else the one that would next.
    private static func makeRoom(in entries: inout [String: Entry], at now: UInt64) {
        entries = entries.filter { $0.value.expiresAt > now }
        guard entries.count >= maxCount else { return }
        if let oldest = entries.min(by: { $0.value.expiresAt < $1.value.expiresAt }) {
            entries[oldest.key] = nil
        }
    }
}
