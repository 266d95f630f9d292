internal import Syscalls

/// Executables as files: where they are, and what is in them.
enum ExecutableFile {
    /// Larger ones have no fingerprint: reading them would take longer than a round.
    private static let maximumByteCount = 1 << 28

    /// The file that a program's name stands for; along `path` when it has no slash, as
    /// posix_spawnp(3) looks for it. Nil when there is none.
    static func find(
        _ program: String, path: String? = EnvironmentVariable.value(of: "PATH")
    ) -> String? {
        let candidates =
            program.contains("/")
            ? [program]
            : (path ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/\(program)" }
        return candidates.first { FileAccess.isExecutable($0) }
    }

    /// Size and 64-bit FNV-1a of the file that a program's name stands for: not proof against an
    /// enemy, but no two builds of one program have the same.
    static func fingerprint(of program: String) -> String? {
        guard let file = find(program),
            let bytes = try? WholeFile.read(file, maximumByteCount: maximumByteCount)
        else { return nil }
        let digits = String(fnv1a(bytes.span), radix: 16)
        return "\(bytes.count)-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The hash of Fowler, Noll and Vo in its 64-bit variant 1a (RFC 9923 §2).
    static func fnv1a(_ bytes: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        // Wrapping multiplication is the algorithm.
        for index in 0..<bytes.count { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        return hash
    }

    /// The folder of this program's own executable, where the others of its build lie (proc(5)).
    static func ownFolder() -> String? {
        guard let path = FileAccess.target(ofLink: "/proc/self/exe"),
            let slash = path.lastIndex(of: "/")
        else { return nil }
        return String(path[..<slash])
    }
}
