/// Why a check cannot be asked: what of its text is wrong, and what to write instead.
package struct CheckError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The whole check as it was given.
    package var text: String
    /// Where the trouble begins, in characters from 1.
    package var column: Int
    /// One clause about the words there: `'p96' is no metric`.
    package var problem: String
    /// One clause that says what to write.
    package var cure: String

    /// An error.
    package init(text: String, column: Int, problem: String, cure: String) {
        self.text = text
        self.column = column
        self.problem = problem
        self.cure = cure
    }

    /// One line.
    package var description: String { "check '\(text)', column \(column): \(problem); \(cure)" }
}
