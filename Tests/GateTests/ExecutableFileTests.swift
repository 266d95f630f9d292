import Testing

@testable import gate

@Suite struct ExecutableFileTests {
    /// Of the authors' table (RFC 9923, appendix C).
    @Test(
        arguments: [
            ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C),
            ("foobar", 0x8594_4171_F739_67E8),
        ] as [(String, UInt64)])
    func `hashes as the authors do`(text: String, hash: UInt64) {
        #expect(ExecutableFile.fnv1a(Array(text.utf8).span) == hash)
    }

    @Test func `finds programs by path and along PATH`() {
        #expect(ExecutableFile.find("/bin/sh") == "/bin/sh")
        #expect(ExecutableFile.find("sh", path: "/nowhere:/bin") == "/bin/sh")
        #expect(ExecutableFile.find("sh", path: "/nowhere") == nil)
        #expect(ExecutableFile.find("/bin") == nil)
    }

    @Test func `a fingerprint has size and hash, and differs between programs`() throws {
        let shell = try #require(ExecutableFile.fingerprint(of: "/bin/sh"))
        #expect(shell.wholeMatch(of: /[0-9]+-[0-9a-f]{16}/) != nil)
        #expect(ExecutableFile.fingerprint(of: "/bin/ls") != shell)
        #expect(ExecutableFile.fingerprint(of: "no such program") == nil)
    }

    @Test func `our folder has the programs of this build`() throws {
        let folder = try #require(ExecutableFile.ownFolder())
        for program in ["gate", "sluice", "floor", "faulty"] {
            #expect(ExecutableFile.find("\(folder)/\(program)") != nil, "\(program)")
        }
    }
}
