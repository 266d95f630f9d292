import Passwords
import Testing

@Suite struct PasswordHashTests {
    /// Hashes of `correct horse`, each with the least cost of its kind.
    static let hashes: [(String, PasswordHash.Kind)] = [
        ("$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", .bcrypt),
        ("$2y$04$qTR3oTbqMY5SnRfOyHCHQeCNSOrsm7jt2.WSd7lWQht/P4uPp9SXa", .bcrypt),
        ("$y$j75$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/", .yescrypt),
        (
            "$5$rounds=1000$saltsalt$R6e4P8ccT9iMqkYg7Z8YtpId/lfsIfnuPkp8WXposU8",
            .sha256
        ),
        ("$5$abc$HEtZB/1K6XJ99xRK14R.qL6AxT3f9/cPAGbTKZddAT6", .sha256),
        (
            "$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi.HdxNDcL3fGE1XXuzvo6kbx7UOloZKO"
                + "NqEk5H3JrQA4NOfU8BmqFPrpGqwA1",
            .sha512
        ),
    ]

    @Test(arguments: hashes)
    func `a hash knows its password, and no other`(
        text: String, kind: PasswordHash.Kind
    ) throws {
        let hash = try PasswordHash(text)
        #expect(hash.kind == kind)
        #expect(matches(hash, "correct horse"))
        for password in ["", "correct hors", "correct horse ", "Correct horse", text] {
            #expect(!matches(hash, password), "\(password)")
        }
    }

    @Test func `what no password can be is refused`() throws {
        let hash = try PasswordHash(Self.hashes[0].0)
        #expect(!matches(hash, "correct horse\0"))
        #expect(!matches(hash, String(repeating: "a", count: 512)))
        #expect(!matches(hash, String(repeating: "a", count: 1 << 20)))
    }

    @Test(arguments: [
        ("secret", PasswordHashFault.plainText), ("", .plainText), ("rl0uE5Zqmvzjs", .plainText),
        ("{SHA}EfatjsUqKYSrqv18O1FlA3hcIHI=", .weak("SHA-1 without salt")),
        ("$apr1$COyf37FN$T/UjMgWLXYf6D2mo.giwU/", .weak("MD5")),
        ("$1$abc$BXBqpb9BZcZhXLgbee.0s/", .weak("MD5")),
        ("$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", .unknown),
        ("$7$abc", .unknown), ("{SSHA}abc", .unknown), ("$2b$", .malformed),
        ("$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6", .malformed),
        ("$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6é", .malformed),
        ("$2b$03$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", .malformed),
        (
            "$2b$17$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            .slow("its cost of 17 is above 16")
        ),
        ("$y$j75$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry", .malformed),
        ("$y$j75$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/", .malformed),
        ("$5$$HEtZB/1K6XJ99xRK14R.qL6AxT3f9/cPAGbTKZddAT6", .malformed),
        ("$5$abc$HEtZB/1K6XJ99xRK14R.qL6AxT3f9/cPAGbTKZddAT6$", .malformed),
        ("$5$rounds=+9$abc$HEtZB/1K6XJ99xRK14R.qL6AxT3f9/cPAGbTKZddAT6", .malformed),
        (
            "$5$rounds=10000001$abc$HEtZB/1K6XJ99xRK14R.qL6AxT3f9/cPAGbTKZddAT6",
            .slow("its 10000001 rounds are more than 10000000")
        ),
    ])
    func `what is not safe to keep is no hash`(text: String, fault: PasswordHashFault) {
        #expect(throws: fault) { try PasswordHash(text) }
        #expect("\(fault)".hasSuffix("; make one by 'htpasswd -B' or 'mkpasswd -m yescrypt'"))
    }

    @Test(arguments: ["a", "ab", "abc", "aaaa", ""])
    func `secrets are compared over all lengths`(secret: String) {
        let kept = SecretBytes(copying: secret.utf8.span)
        for sent in ["", "a", "aa", "aaa", "aaaa", "aaaaa", "ab", "abab", "abc", "abd", "abca"] {
            let isEqual = ConstantTime.isEqual(sent.utf8.span, secret: secret.utf8.span)
            #expect(isEqual == (sent == secret), "\(sent)")
            let isKept = kept.isEqual(to: sent.utf8.span)
            #expect(isKept == (sent == secret), "\(sent)")
        }
    }

    /// A span cannot stand in an expectation.
    private func matches(_ hash: PasswordHash, _ password: String) -> Bool {
        hash.matches(password.utf8.span)
    }
}
