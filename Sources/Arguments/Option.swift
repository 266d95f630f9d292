/// Arguments knows command lines: options, their values, help, and errors that name option, value
/// and cure. It must not know any program's options, nor touch the process.
///
/// One option of a program whose settings are `Settings`.
package struct Option<Settings>: Sendable {
    /// All spellings, the main one first: `--port`, `-p`.
    package let names: [String]

    /// What stands for the value in the help, or nil for a switch that takes none.
    package let placeholder: String?

    /// What it does, with unit and default, in one or more sentences.
    package let help: String

    let apply: @Sendable (inout Settings, Substring) throws(ValueError) -> Void

    /// An option that takes a value.
    package init(
        _ names: String..., placeholder: String, help: String,
        apply: @escaping @Sendable (inout Settings, Substring) throws(ValueError) -> Void
    ) {
        self.names = names
        self.placeholder = placeholder
        self.help = help
        self.apply = apply
    }

    /// A switch.
    package init(
        _ names: String..., help: String,
        set: @escaping @Sendable (inout Settings) -> Void
    ) {
        self.names = names
        self.placeholder = nil
        self.help = help
        apply = { (settings: inout Settings, _: Substring) throws(ValueError) in set(&settings) }
    }
}

/// Options under one heading of the help.
package struct OptionGroup<Settings>: Sendable {
    let title: String
    let options: [Option<Settings>]

    package init(_ title: String, _ options: [Option<Settings>]) {
        self.title = title
        self.options = options
    }
}

/// Why a value was not taken, and what would be.
package struct ValueError: Error, Equatable, Sendable {
    package let problem: String
    package let cure: String

    package init(_ problem: String, cure: String) {
        self.problem = problem
        self.cure = cure
    }
}

/// Why a command line was not taken: one line that names the option, the value and the cure.
package struct UsageError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
