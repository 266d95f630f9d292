/// All options of one program.
package struct OptionTable<Settings>: Sendable {
    private let groups: [OptionGroup<Settings>]

    package init(_ groups: [OptionGroup<Settings>]) {
        self.groups = groups
    }

    /// Applies the arguments in their order; a later one wins. `--name value`, `--name=value`, and
    /// `--` before what is no option.
    ///
    /// - Returns: The arguments that are no options.
    /// - Throws: `UsageError` for an unknown option, a missing value, or a value that is not taken.
    package func parse(
        _ arguments: [String], into settings: inout Settings
    ) throws(UsageError) -> [String] {
        var operands: [String] = []
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            if argument == "--" {
                operands += arguments[index...]
                break
            }
            guard argument.hasPrefix("-"), argument.count > 1 else {
                operands.append(argument)
                continue
            }
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let option = option(named: name) else { throw unknown(name) }
            var value: Substring?
            if parts.count > 1 { value = parts[1] }
            if let placeholder = option.placeholder, value == nil {
                guard index < arguments.count else {
                    throw UsageError("\(name): a value is missing; give \(name) \(placeholder)")
                }
                value = arguments[index][...]
                index += 1
            } else if option.placeholder == nil, let value {
                throw UsageError("\(name): takes no value, but '\(shown(value))' was given")
            }
            try apply(option, name, value ?? "", to: &settings)
        }
        return operands
    }

    /// The options as lines of at most 80 columns, under their groups' titles.
    package var help: String {
        groups.map { group in
            "\(group.title):\n" + group.options.map(helpEntry).joined()
        }.joined(separator: "\n")
    }

    private func apply(
        _ option: Option<Settings>, _ name: String, _ value: Substring,
        to settings: inout Settings
    ) throws(UsageError) {
        do {
            try option.apply(&settings, value)
        } catch {
            throw UsageError("\(name): '\(shown(value))' \(error.problem); \(error.cure)")
        }
    }

    /// A value in a message, which stays one line whatever it holds.
    private func shown(_ value: Substring) -> String {
        value.unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.value < 0x20 || scalar.value == 0x7F {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    private func option(named name: String) -> Option<Settings>? {
        for group in groups {
            for option in group.options where option.names.contains(name) {
                return option
            }
        }
        return nil
    }

    private func unknown(_ name: String) -> UsageError {
        var nearest: (name: String, distance: Int)?
        for group in groups {
            for candidate in group.options.flatMap(\.names) {
                let distance = editDistance(Array(name.utf8), Array(candidate.utf8))
                if distance <= 3 && distance < nearest?.distance ?? Int.max {
                    nearest = (candidate, distance)
                }
            }
        }
        let cure = nearest.map { "did you mean \($0.name)?" } ?? "--help lists all options"
        return UsageError("\(name): unknown option; \(cure)")
    }

    private func helpEntry(_ option: Option<Settings>) -> String {
        var head = "  " + option.names.joined(separator: ", ")
        if let placeholder = option.placeholder { head += " \(placeholder)" }
        let indent = String(repeating: " ", count: 30)
        var lines = wrap(option.help, columns: 50)
        if head.count <= 28, !lines.isEmpty {
            head += String(repeating: " ", count: 30 - head.count) + lines.removeFirst()
        }
        return ([head] + lines.map { indent + $0 }).joined(separator: "\n") + "\n"
    }
}

/// Breaks a text into lines of at most so many columns, at blanks.
package func wrap(_ text: String, columns: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
        if let last = lines.last, last.count + 1 + word.count <= columns {
            lines[lines.count - 1] += " " + word
        } else {
            lines.append(String(word))
        }
    }
    return lines
}

/// The number of letters to insert, remove or replace (Levenshtein); O(n·m).
package func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var row = Array(0...second.count)
    for (i, a) in first.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in second.enumerated() {
            let replaced = diagonal + (a == b ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
        }
    }
    return row[second.count]
}
