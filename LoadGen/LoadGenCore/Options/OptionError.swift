internal import Arguments

/// A command line that cannot be run: which option, what value, what is wrong, what to do.
package struct OptionError: Error, Equatable, CustomStringConvertible {
    /// The option as the user wrote it, or what stands in its place: `URL`, `--mix line 3`.
    package var option: String
    /// The value, if there was one.
    package var value: String?
    /// What is wrong, as the rest of a sentence.
    package var problem: String
    /// What to write instead.
    package var cure: String

    /// The one line that is printed.
    package var description: String {
        let subject = value.map { "\(option) '\($0)'" } ?? option
        return "\(subject): \(problem); \(cure)"
    }
}

extension ValueError {
    /// The error of `option`, which had `value`.
    func of(_ option: String, _ value: String?) -> OptionError {
        OptionError(option: option, value: value, problem: problem, cure: cure)
    }
}
