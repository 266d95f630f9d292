// streaming: how fast a server takes and gives long bodies, and what that costs it.
//
// Knows: sockets, the codec's reading side, and what the kernel tells of a server's process. Must
// not know: any server's inside, nor statistics beyond a median (gate has those).

internal import Arguments
internal import Glibc
internal import Syscalls

@main
enum Streaming {
    /// What the process ends with.
    enum ExitCode {
        static let success: Int32 = 0
        /// A transfer failed, or moved another number of bytes than it should.
        static let failed: Int32 = 1
        static let usage: Int32 = 2
    }

    static func main() {
        exit(execute(Array(CommandLine.arguments.dropFirst())))
    }

    private static func execute(_ arguments: [String]) -> Int32 {
        Signals.ignore(.brokenPipe)
        do throws(UsageError) {
            guard let order = try StreamingOptions.parse(arguments) else {
                Output.print(StreamingOptions.help, to: .output)
                return ExitCode.success
            }
            return run(order)
        } catch {
            complain(error.description)
            return ExitCode.usage
        }
    }

    private static func run(_ order: TransferOrder) -> Int32 {
        do throws(SessionFailure) {
            let report = try StreamingSession.run(order)
            Output.print(report.text, to: .output)
            return ExitCode.success
        } catch {
            complain(error.description)
            return ExitCode.failed
        }
    }

    private static func complain(_ text: String) {
        Output.print("streaming: \(text)\n", to: .error)
    }
}
