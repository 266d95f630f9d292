import Foundation
import TestSupport
import Testing

@testable import Sluice

/// What is remembered of passwords, and how they come in.
@Suite struct VerifiedPasswordsTests {
    @Test func `so many are kept, and the oldest goes`() {
        let verified = VerifiedPasswords()
        func contains(_ user: Int, at now: UInt64) -> Bool {
            verified.contains("user\(user)", "secret".utf8.span, at: now)
        }
        for user in 0..<VerifiedPasswords.maxCount {
            verified.insert("user\(user)", "secret".utf8.span, at: UInt64(user))
        }
        verified.insert("user0", "secret".utf8.span, at: 1_000)
        #expect(contains(1, at: 1_000))
        verified.insert("another", "secret".utf8.span, at: 1_000)
        #expect(verified.count == VerifiedPasswords.maxCount)
        #expect(contains(0, at: 1_000))
        #expect(!contains(1, at: 1_000))
        // All that have run out make room for one.
        verified.insert("late", "secret".utf8.span, at: VerifiedPasswords.lifetime + 1_000)
        #expect(verified.count == 1)
    }

    @Test func `one is forgotten when its time is over, and when there is a new one`() {
        let verified = VerifiedPasswords()
        func contains(_ password: String, at now: UInt64) -> Bool {
            verified.contains("anna", password.utf8.span, at: now)
        }
        verified.insert("anna", "first".utf8.span, at: 0)
        #expect(contains("first", at: VerifiedPasswords.lifetime - 1))
        #expect(!contains("firs", at: 0) && !contains("firsts", at: 0) && !contains("", at: 0))
        verified.insert("anna", "second".utf8.span, at: 0)
        #expect(!contains("first", at: 0))
        #expect(contains("second", at: 0))
        #expect(!contains("second", at: VerifiedPasswords.lifetime))
        #expect(verified.count == 0)
    }

    @Test func `base 64 is read as it is written`() {
        var random = SeededGenerator(seed: 1)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let decoded = Base64.decode(Data(bytes).base64EncodedString().utf8.span)
            #expect(decoded == bytes)
        }
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AA=A", "=AAA", "A===", "====", "AAAA=", "AB==", "AAB=", "AA==AAAA",
        "AA-_", "AA A", "AAA\n", "AAAÄ",
    ])
    func `what nobody would write as base 64 is none`(text: String) {
        let decoded = Base64.decode(text.utf8.span)
        #expect(decoded == nil)
    }
}
