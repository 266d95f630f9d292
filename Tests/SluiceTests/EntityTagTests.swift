import Sluice
import Testing

/// Entity tags (RFC 9110 §8.8.3).
@Suite struct EntityTagTests {
    @Test(arguments: [
        ("\"abc\"", "abc", false), ("W/\"abc\"", "abc", true), ("\"\"", "", false),
        ("W/\"\"", "", true), ("\"a,b\"", "a,b", false), ("\"é\"", "é", false),
        ("\"!#~\"", "!#~", false),
    ])
    func `a tag is read, and written as it was`(text: String, value: String, isWeak: Bool) throws {
        let tag = try #require(EntityTag(text))
        #expect(tag.value == value)
        #expect(tag.isWeak == isWeak)
        #expect(tag.description == text)
        #expect(EntityTag(value: value, isWeak: isWeak) == tag)
    }

    @Test(arguments: [
        "", "abc", "\"", "\"abc", "abc\"", "w/\"abc\"", "W/abc", "W/", "W\"abc\"", "\"a b\"",
        "\"a\"b", "\"a\" ", " \"a\"", "*", "\"a\u{7F}\"", "\"a\tb\"", "W/W/\"a\"", "\"a\", \"b\"",
    ])
    func `what is no tag is refused`(text: String) {
        #expect(EntityTag(text) == nil)
    }

    @Test(arguments: ["a\"b", "a b", "a\r\nb", "\u{0}", "\u{7F}"])
    func `a value that would end the tag is refused`(value: String) {
        #expect(EntityTag(value: value) == nil)
    }

    /// The table of RFC 9110 §8.8.3.2.
    @Test(arguments: [
        ("W/\"1\"", "W/\"1\"", false, true), ("W/\"1\"", "W/\"2\"", false, false),
        ("W/\"1\"", "\"1\"", false, true), ("\"1\"", "\"1\"", true, true),
    ])
    func `tags are compared strongly and weakly`(
        first: String, second: String, strongly: Bool, weakly: Bool
    ) throws {
        let first = try #require(EntityTag(first))
        let second = try #require(EntityTag(second))
        #expect(first.matchesStrongly(second) == strongly)
        #expect(second.matchesStrongly(first) == strongly)
        #expect(first.matchesWeakly(second) == weakly)
        #expect(second.matchesWeakly(first) == weakly)
    }
}
