/// What a check or a whole run says.
package enum Verdict: String, Sendable, Equatable, CaseIterable {
    /// The bound of the estimate keeps the limit.
    case pass
    /// The bound of the estimate breaks the limit, or a server crashed or refused to serve.
    case fail
    /// The measurements allow neither, or others used the machine so much that there are too few.
    case inconclusive
    /// Nothing can be judged: a wrong answer, a metric without samples, a debug build.
    case invalid
}
