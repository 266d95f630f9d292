import Testing

@testable import Sluice

/// `traceparent` and `tracestate` (W3C Trace Context).
@Suite struct TraceContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    @Test(arguments: [
        ("00-\(trace)-\(span)-01", true), ("00-\(trace)-\(span)-00", false),
        ("00-\(trace)-\(span)-03", true), ("00-\(trace)-\(span)-fe", false),
        ("cc-\(trace)-\(span)-01", true), ("cc-\(trace)-\(span)-01-what-will-be", true),
        ("01-\(trace)-\(span)-00-", false),
    ])
    func `a parent is read, of later versions too`(text: String, isSampled: Bool) throws {
        let read = TraceParent(text.utf8.span)
        let parent = try #require(read)
        #expect(parent.traceID == Self.trace && parent.parentID == Self.span)
        #expect(parent.isSampled == isSampled)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)-0", "00-\(trace)-\(span)-011", "00-\(trace)-\(span)-01-",
        "00-\(trace)-\(span)-01-more", "ff-\(trace)-\(span)-01", "0g-\(trace)-\(span)-01",
        "00_\(trace)-\(span)-01", "00-\(trace)_\(span)-01", "00-\(trace)-\(span)_01",
        "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-\(span.uppercased())-01",
        "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01",
        "00-\(trace)-\(span)-0x", "cc-\(trace)-\(span)-01.what", " 00-\(trace)-\(span)-01",
        "00-\(trace.dropLast())z-\(span)-01",
    ])
    func `what is no parent is none`(text: String) {
        let parent = TraceParent(text.utf8.span)
        #expect(parent == nil)
    }

    @Test func `what is made from it goes on`() {
        let context = TraceContext(
            traceID: Self.trace, spanID: "00f067aa0ba902b7", parentID: Self.span, isSampled: true)
        #expect(context.traceparent == "00-\(Self.trace)-00f067aa0ba902b7-01")
        var quiet = context
        quiet.isSampled = false
        #expect(quiet.traceparent.hasSuffix("-00"))
    }

    @Test(arguments: [
        (["a=1"], "a=1"), (["a=1,b=2"], "a=1,b=2"), (["a=1", "b=2"], "a=1,b=2"),
        ([" a=1 ,\t b=2 ,,"], "a=1,b=2"), (["t@s=x y"], "t@s=x y"), (["0a=1"], "0a=1"),
        (["a-_*/1=~"], "a-_*/1=~"), ([""], ""), ([], ""),
        // What is not as it should be.
        (["A=1"], ""), (["a"], ""), (["a="], ""), (["=1"], ""), (["a=1=2"], ""), (["a=1,a=2"], ""),
        (["a=é"], ""), (["a@b@c=1"], ""), (["@a=1"], ""), (["a@=1"], ""), (["-a=1"], ""),
        (["\(String(repeating: "a", count: 257))=1"], ""),
        (["\(String(repeating: "a", count: 242))@b=1"], ""),
        (["a@\(String(repeating: "b", count: 15))=1"], ""),
        (["a=\(String(repeating: "b", count: 257))"], ""),
    ])
    func `a state is passed on when it is well-formed`(lines: [String], state: String) {
        #expect(TraceState.joined(lines) == state)
    }

    @Test func `a state is bounded`() {
        let many = (0..<32).map { "k\($0)=1" }
        #expect(TraceState.joined(many) == many.joined(separator: ","))
        #expect(TraceState.joined(many + ["last=1"]) == "")
        let long = (0..<3).map { "k\($0)=\(String(repeating: "x", count: 200))" }
        #expect(TraceState.joined(long) == long[0...1].joined(separator: ","))
    }
}
