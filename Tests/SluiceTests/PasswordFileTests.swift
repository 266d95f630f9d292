import Sluice
import TestSupport
import Testing

/// Files of users and hashes.
@Suite struct PasswordFileTests {
    static let hash = "$2y$04$qTR3oTbqMY5SnRfOyHCHQeCNSOrsm7jt2.WSd7lWQht/P4uPp9SXa"

    @Test func `lines are users, comments and nothing`() async throws {
        let users = try PasswordFile(
            text: "# a: comment\r\nanna:\(Self.hash)\r\n\r\n  \nben:\(Self.hash) \n#ben:x")
        #expect(users.userCount == 2)
        for name in ["anna", "ben"] {
            #expect(try await users.verify(name, "correct horse"))
            #expect(try await users.verify(name, "correct horse"))
            #expect(try await !users.verify(name, "correct horsf"))
        }
        for name in ["", "#ben", "# a", "carl"] {
            #expect(try await !users.verify(name, "correct horse"), "\(name)")
        }
    }

    @Test func `a file without users lets nobody in`() async throws {
        let users = try PasswordFile(text: "# nobody yet\n")
        #expect(users.userCount == 0)
        #expect(try await !users.verify("anna", "correct horse"))
    }

    @Test func `more users than are remembered are verified all the same`() async throws {
        let count = 300
        let users = try PasswordFile(
            text: (0..<count).map { "user\($0):\(Self.hash)\n" }.joined())
        for index in 0..<count {
            #expect(try await users.verify("user\(index)", "correct horse"))
        }
        #expect(try await users.verify("user0", "correct horse"))
    }

    @Test(arguments: [
        ("anna", "it has no colon; a line is user:hash"),
        (":\(hash)", "the user's name is empty or holds a control character"),
        ("an\tna:\(hash)", "the user's name is empty or holds a control character"),
        ("ben:\(hash)", "user 'ben' is there twice; remove one"),
        (
            "anna:secret",
            "user 'anna': this is a password in plain text, or a DES hash; make one by "
                + "'htpasswd -B' or 'mkpasswd -m yescrypt'"
        ),
        (
            "anna:{SHA}EfatjsUqKYSrqv18O1FlA3hcIHI=",
            "user 'anna': this is SHA-1 without salt, which is tried too fast; make one by "
                + "'htpasswd -B' or 'mkpasswd -m yescrypt'"
        ),
        (
            "anna:\(hash):more",
            "user 'anna': this hash is incomplete or damaged; make one by 'htpasswd -B' or "
                + "'mkpasswd -m yescrypt'"
        ),
    ])
    func `what is wrong is named with file and line, but never shown`(
        line: String, reason: String
    ) {
        let error = #expect(throws: PasswordFileError.self) {
            try PasswordFile(text: "ben:\(Self.hash)\n# x\n\(line)\n", name: "users.txt")
        }
        #expect(error?.description == "users.txt:3: \(reason)")
        #expect(error?.line == 3)
    }

    @Test func `a file that is not there is named`() {
        let error = #expect(throws: PasswordFileError.self) {
            try PasswordFile(path: "/nowhere/users.txt")
        }
        #expect(error?.description.hasPrefix("/nowhere/users.txt: it cannot be read: ") == true)
    }
}
