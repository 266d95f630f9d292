internal import GateCore
internal import Syscalls

/// What is looked at before anything is started: which cores there are, what machine this is, and
/// which builds are compared.
enum Preflight {
    /// The cores of server and client; nil when there are not two.
    ///
    /// Two threads of one core share its caches and units, so a server beside its client on one is
    /// measured together with it. Cores apart are preferred where there are any.
    ///
    /// - Parameter siblings: The cores that share a physical one with this one, itself included.
    static func cores(
        allowed: [Int], siblings: (Int) -> [Int]
    ) -> (server: Int, client: Int)? {
        guard let server = allowed.first else { return nil }
        let others = allowed.dropFirst()
        let shared = siblings(server)
        guard let client = others.first(where: { !shared.contains($0) }) ?? others.first else {
            return nil
        }
        return (server, client)
    }

    /// The cores that this process may use, two of them chosen.
    static func cores() -> (server: Int, client: Int)? {
        cores(allowed: (try? CPUAffinity.allowedCores()) ?? []) { core in
            let path = "/sys/devices/system/cpu/cpu\(core)/topology/thread_siblings_list"
            return ProcessText.coreList(ProcessTree.text(of: path) ?? "")
        }
    }

    /// Where the run takes place, and with what.
    static func environment(
        _ engines: [EngineCommand], cores: (server: Int, client: Int)?
    ) -> GateEnvironment {
        var environment = GateEnvironment()
        environment.machine = machine()
        environment.serverCore = cores?.server
        environment.clientCore = cores?.client
        environment.engines = engines.map {
            GateEnvironment.EngineBuild(
                engine: $0.name, command: $0.commandLine,
                fingerprint: ExecutableFile.fingerprint(of: $0.words[0]))
        }
        let load = ProcessTree.text(of: "/proc/loadavg") ?? ""
        environment.loadBefore = ProcessText.loadAverage(load) ?? 0
        return environment
    }

    private static func machine() -> GateEnvironment.Machine {
        var machine = GateEnvironment.Machine()
        machine.processor =
            ProcessTree.text(of: "/proc/cpuinfo").flatMap(ProcessText.processorName) ?? "unknown"
        machine.coreCount = ((try? CPUAffinity.allowedCores()) ?? []).count
        machine.kernel = String(
            (ProcessTree.text(of: "/proc/sys/kernel/osrelease") ?? "unknown")
                .prefix { !$0.isWhitespace })
        machine.architecture = architecture
        return machine
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "other"
        #endif
    }

    // MARK: - Builds

    /// Whether this program was built for debugging.
    static var isDebugBuild: Bool { _isDebugAssertConfiguration() }

    /// The engines of ours whose program says that it was built for debugging.
    static func debugBuilds(_ engines: [EngineCommand]) -> [String] {
        let patience: UInt64 = 5_000_000_000
        return engines.filter { $0.kind == .sluice }.compactMap { engine in
            let deadline = MonotonicClock.now() + patience
            guard
                var child = try? ChildProcess(
                    engine.words[0], ["--version"], output: .pipe, error: .discard),
                case .line(let line) = try? child.nextLine(until: deadline)
            else { return nil }
            return line.contains("(debug build)") ? engine.name : nil
        }
    }
}
