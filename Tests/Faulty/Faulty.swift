internal import Arguments
internal import Glibc
internal import Sluice
internal import Syscalls

/// A server that is wrong on purpose, in ways that a gate has to notice. For tests.
@main
enum Faulty {
    /// What is wrong with it.
    enum Fault: String, CaseIterable {
        case none
        /// The loop sleeps 20 ms in every request, as a handler that blocks would make it.
        case sleep = "sleep-20ms"
        /// Another text than everybody else's.
        case wrongBody = "wrong-body"
        /// It refuses to serve.
        case unavailable
        /// It ends in the middle of its 20th request, which no verification reaches.
        case crash
    }

    struct Options: Sendable {
        var server = ServerConfiguration()
        var fault = Fault.none
    }

    static let table = OptionTable<Options>([
        OptionGroup(
            "Options",
            [
                Option("--port", placeholder: "N", help: "TCP port; 0: the kernel chooses.") {
                    options, text throws(ValueError) in
                    options.server.port = try Values.integer(text, in: 0...65_535)
                },
                Option("--fault", placeholder: "NAME", help: "what is wrong. [none]") {
                    options, text throws(ValueError) in
                    guard let fault = Fault(rawValue: String(text)) else {
                        let names = Fault.allCases.map(\.rawValue).joined(separator: ", ")
                        throw ValueError("is no fault", cure: "give one of \(names)")
                    }
                    options.fault = fault
                },
            ])
    ])

    static func main() {
        var options = Options()
        do {
            let operands = try table.parse(Array(CommandLine.arguments.dropFirst()), into: &options)
            guard operands.isEmpty else { throw UsageError("'\(operands[0])': is no option") }
        } catch {
            Output.print("faulty: \(error)\n", to: .error)
            exit(2)
        }
        exit(serve(options))
    }

    private static func serve(_ options: Options) -> Int32 {
        let stopSignals: [Signal] = [.terminate, .interrupt]
        Signals.block(stopSignals)
        Signals.ignore(.brokenPipe)
        do {
            let server = try Server(router(options.fault), configuration: options.server)
            _ = try Thread(name: "signals") {
                _ = Signals.wait(for: stopSignals)
                server.drain()
                let second = Signals.wait(for: stopSignals)
                _exit(128 + second.rawValue)
            }
            for url in server.urls { Output.print("listening on \(url)\n", to: .output) }
            return try server.run().forcedConnections == 0 ? 0 : 3
        } catch {
            Output.print("faulty: \(error)\n", to: .error)
            return 1
        }
    }

    private static func router(_ fault: Fault) -> Router {
        let requests = RequestCount()
        var router = Router()
        router.get("/") { _, response in
            switch fault {
            case .none: response.send("Hello, World!")
            case .sleep:
                nap(nanoseconds: 20_000_000)
                response.send("Hello, World!")
            case .wrongBody: response.send("Hello, Mars!!")
            case .unavailable:
                response.status = .serviceUnavailable
                response.send("not today")
            case .crash:
                if requests.next() == 20 { _exit(9) }
                response.send("Hello, World!")
            }
        }
        return router
    }

    private static func nap(nanoseconds: Int) {
        var time = timespec(tv_sec: 0, tv_nsec: nanoseconds)
        // SAFETY: nanosleep(2) reads one structure.
        _ = unsafe nanosleep(&time, nil)
    }
}
