/// What a check or a whole run says.
package enum Verdict: String, Sendable, Equatable, CaseIterable {
    /// The bound of the estimate keeps the limit.
    case pass
    /// The bound of the estimate breaks the limit, or a server crashed or refused to serve.
    case fail
    /// The measurements allow neither.
    case inconclusive
    /// Nothing can be judged: a wrong answer, too many voided rounds, a debug build.
    case invalid
}
