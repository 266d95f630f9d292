internal import Passwords
internal import Syscalls

/// Users and the hashes of their passwords, as htpasswd(1) writes them: a line `user:hash` for each;
/// empty lines and those that begin with `#` mean nothing.
///
///     let users = try PasswordFile(path: "/etc/tea/users")
///     try router.use(BasicAuthentication(realm: "tea", users: users))
///
/// Hashes are those of crypt(5) that take long to try: yescrypt (`$y$`), bcrypt (`$2b$`, `$2y$`; only
/// the first 72 bytes of a password count) and SHA-crypt (`$5$`, `$6$`). `htpasswd -B` and
/// `mkpasswd -m yescrypt` make such. Anything else in the file is an error: plain text, `{SHA}`, MD5.
///
/// The file is read once. A hash takes 50 to 500 ms to verify, so that happens on threads apart:
/// half as many as there are cores, with 32 waiting; beyond, `verify` throws 503, so that guessing
/// passwords takes no more than half of the machine and none of `OffloadPool.shared`. For a user who
/// is not there a hash of the file is verified too, so that the time does not tell who is.
///
/// What was right is remembered for 5 minutes, for the 256 users that came last, so that a client that
/// sends its password with each request pays once. For that the passwords themselves are in memory,
/// compared in constant time, and wiped when they go. What was wrong is not remembered.
public final class PasswordFile: Sendable {
    /// Bytes that a file may have: some hundred thousand users.
    public static let maxByteCount = 16_777_216

    private let hashes: [String: PasswordHash]
    /// The same, to choose one from for users who are not there.
    private let allHashes: [PasswordHash]
    private let verified = VerifiedPasswords()
    private let pool: OffloadPool
    private let now: @Sendable () -> UInt64

    /// Reads a file. Blocks: for a program's start.
    ///
    /// - Throws: `PasswordFileError` when it cannot be read, and for the first line that cannot be.
    public convenience init(path: String) throws(PasswordFileError) {
        let bytes: [UInt8]
        do {
            bytes = try WholeFile.read(path, maximumByteCount: Self.maxByteCount)
        } catch {
            throw PasswordFileError(file: path, line: nil, "it cannot be read: \(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PasswordFileError(file: path, line: nil, "it is no UTF-8")
        }
        try self.init(text: text, name: path)
    }

    /// Takes the text of such a file.
    ///
    /// - Parameter name: What errors call it.
    /// - Throws: `PasswordFileError` for the first line that cannot be.
    public convenience init(
        text: String, name: String = "passwords"
    ) throws(PasswordFileError) {
        try self.init(
            text: text, name: name, pool: Self.verifyingPool,
            now: { MonotonicClock.now().nanoseconds })
    }

    /// With threads and time, in nanoseconds, from elsewhere.
    package init(
        text: String, name: String = "passwords", pool: OffloadPool,
        now: @escaping @Sendable () -> UInt64
    ) throws(PasswordFileError) {
        var hashes: [String: PasswordHash] = [:]
        // By scalars: CR LF is one character.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            do throws(LineFault) {
                guard let (user, hash) = try Self.entry(in: String(line)) else { continue }
                guard hashes.updateValue(hash, forKey: user) == nil else {
                    throw LineFault("user '\(user)' is there twice; remove one")
                }
            } catch {
                throw PasswordFileError(file: name, line: index + 1, error.reason)
            }
        }
        self.hashes = hashes
        allHashes = Array(hashes.values)
        self.pool = pool
        self.now = now
    }

    /// How many users there are.
    public var userCount: Int { hashes.count }

    /// Whether this is a user's password; for login forms too. Suspends while it is verified.
    ///
    /// - Throws: `HTTPError` 503 with `Retry-After` when too many are being verified;
    ///   `CancellationError`.
    public func verify(_ user: String, _ password: String) async throws -> Bool {
        try await verify(user, Array(password.utf8))
    }

    func verify(_ user: String, _ password: [UInt8]) async throws -> Bool {
        if isVerified(user, password.span) { return true }
        guard let hash = hashes[user] ?? standIn(for: user) else { return false }
        let matches = try await pool.run { hash.matches(password.span) }
        guard matches, hashes[user] != nil else { return false }
        verified.insert(user, password.span, at: now())
        return true
    }

    /// Whether it has been found right lately. O(password).
    func isVerified(_ user: String, _ password: Span<UInt8>) -> Bool {
        verified.contains(user, password, at: now())
    }

    func has(_ user: String) -> Bool { hashes[user] != nil }

    /// The hash that stands in for that of a user who is not there: always the same for a name, and
    /// of the kinds that users have, so that it takes as long. Nobody can tell which: the seed of
    /// hash values changes with every process.
    private func standIn(for user: String) -> PasswordHash? {
        guard !allHashes.isEmpty else { return nil }
        return allHashes[Int(UInt(bitPattern: user.hashValue) % UInt(allHashes.count))]
    }

    private static let verifyingPool = OffloadPool(
        threads: min(max(1, coreCount / 2), OffloadPool.threadRange.upperBound), queue: 32)

    private static var coreCount: Int {
        do {
            return try CPUAffinity.allowedCores().count
        } catch {
            return 1
        }
    }

    // MARK: Lines

    private struct LineFault: Error {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    /// The user and the hash of a line; `nil` when it says nothing.
    private static func entry(in line: String) throws(LineFault) -> (String, PasswordHash)? {
        var line = Substring(line)
        while let last = line.last, last.isWhitespace { line.removeLast() }
        guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
        guard let colon = line.firstIndex(of: ":") else {
            throw LineFault("it has no colon; a line is user:hash")
        }
        let user = String(line[..<colon])
        guard !user.isEmpty, !user.hasControlCharacter else {
            throw LineFault("the user's name is empty or holds a control character")
        }
        do throws(PasswordHashFault) {
            return (user, try PasswordHash(String(line[line.index(after: colon)...])))
        } catch {
            throw LineFault("user '\(user)': \(error)")
        }
    }
}

/// What is wrong with a password file. It never shows what stands behind a user's name.
public struct PasswordFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, as it was named.
    public let file: String
    /// The line, from 1; `nil`: the file as a whole.
    public let line: Int?
    private let reason: String

    init(file: String, line: Int?, _ reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    /// `/etc/tea/users:3: user 'anna': this is MD5, …`
    public var description: String {
        "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)"
    }
}

extension String {
    /// Whether it holds what RFC 7617 §2 forbids in names and passwords.
    var hasControlCharacter: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7F } }
}
