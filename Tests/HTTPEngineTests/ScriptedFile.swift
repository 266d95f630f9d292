import Synchronization
import Syscalls
import TestSupport

@testable import HTTPEngine

/// The file that scripts send: the alphabet, again and again.
enum ScriptedFile {
    static let byteCount = 1_000_000

    /// What the file holds.
    static func text(_ range: Range<Int>) -> String {
        String(decoding: range.map { UInt8(ascii: "a") + UInt8($0 % 26) }, as: UTF8.self)
    }

    static let source = make(byteCount)

    /// A new file of so many bytes.
    static func make(_ byteCount: Int, warm: FileSource.Warm? = nil) -> FileSource {
        guard let file = try? ScratchFile(Array(text(0..<byteCount).utf8)).duplicate() else {
            fatalError("no scratch file")
        }
        return FileSource(file, warm: warm)
    }

    /// The body that a script asks for.
    static func body(_ word: Substring, _ words: ArraySlice<Substring>) -> FileBody {
        let numbers = words.prefix { $0 != "status" }.map { ScriptedHandler.number($0) }
        switch word {
        case "file": return FileBody(source, 0..<numbers[0])
        case "part": return FileBody(source, numbers[0]..<numbers[1])
        case "parts": return parts(of: source)
        default: return FileBody(make(numbers[0]), 0..<1_000)
        }
    }

    static func parts(of source: FileSource) -> FileBody {
        FileBody(
            source,
            parts: [
                .bytes(Array("<1>".utf8)), .file(5..<10), .bytes([]), .bytes(Array("<2>".utf8)),
                .file(7..<7), .file(0..<3), .file(100..<200), .bytes(Array("<end>".utf8)),
            ])
    }

    /// What `parts` sends.
    static let textOfParts = "<1>" + text(5..<10) + "<2>" + text(0..<3) + text(100..<200) + "<end>"
}

/// Says yes to whoever wants a file read, and lets the test say when it has been.
final class ScriptedWarmth: Sendable {
    private struct State {
        var ranges: [Range<Int>] = []
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// What was to be read, in the order of the calls.
    var ranges: [Range<Int>] { state.withLock { $0.ranges } }

    /// So many have not heard that it has been.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    var warm: FileSource.Warm {
        { _, range, done in
            self.state.withLock { state in
                state.ranges.append(range)
                state.waiting.append(done)
            }
            return true
        }
    }

    /// All that was asked for has been read.
    func finish() {
        for done in state.withLock({ exchange(&$0.waiting, with: []) }) { done() }
    }
}
