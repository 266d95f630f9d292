internal import CLinux
internal import Glibc

/// How a child process begins (posix_spawn(3)).
enum Spawn {
    /// Starts a program and returns its process number. Standard input is empty; every signal is at
    /// its default and none blocked, since a child would inherit our mask, and what we ignore,
    /// through the exec (signal(7)).
    static func start(
        _ program: String, _ arguments: [String], environment: [String: String],
        output: borrowing SpawnStream, error: borrowing SpawnStream
    ) throws(Errno) -> Int32 {
        try run(
            program, CStringVector([program] + arguments),
            CStringVector(variables(adding: environment)), output, error)
    }

    /// A descriptor that is readable once the process has ended (pidfd_open(2)).
    static func endDescriptor(of id: Int32) throws(Errno) -> FileDescriptor {
        FileDescriptor(owning: try SystemCall.other.perform { clinux_pidfd_open(id) })
    }

    private static func run(
        _ program: String, _ arguments: borrowing CStringVector,
        _ environment: borrowing CStringVector, _ output: borrowing SpawnStream,
        _ error: borrowing SpawnStream
    ) throws(Errno) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        // SAFETY: each call initialises, changes or reads structures of ours. The lists are lent to
        // us for longer than the call, and the child has copies of its own then.
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe output.addActions(for: .output, to: &actions)
        unsafe error.addActions(for: .error, to: &actions)
        resetSignals(&attributes)
        var id: pid_t = 0
        let code = unsafe posix_spawnp(
            &id, program, &actions, &attributes, arguments.start, environment.start)
        guard code == 0 else { throw Errno(rawValue: code) }
        return id
    }

    private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        var all = sigset_t()
        // SAFETY: each call changes or reads structures of ours.
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        unsafe posix_spawnattr_setflags(&attributes, flags)
    }

    /// `NAME=value` of this process's environment, with the additions in place of what they replace.
    private static func variables(adding additions: [String: String]) -> [String] {
        var variables: [String] = []
        // SAFETY: environ(7) is a list of 0-terminated strings that ends with a null pointer, and
        // nothing here changes it.
        var next = unsafe clinux_environment()
        while let entry = unsafe next?.pointee {
            let variable = unsafe String(cString: entry)
            let name = variable.prefix { $0 != "=" }
            if additions[String(name)] == nil { variables.append(variable) }
            unsafe next = next.map { unsafe $0 + 1 }
        }
        return variables + additions.map { "\($0.key)=\($0.value)" }
    }
}

/// One stream of a child that is about to begin, with its pipe if it has one.
struct SpawnStream: ~Copyable {
    private let destination: ChildStream
    private let readEnd: FileDescriptor?
    private let writeEnd: FileDescriptor?
    /// The number of `writeEnd`; -1 when there is none.
    private let rawWriteEnd: Int32

    init(_ destination: ChildStream) throws(Errno) {
        self.destination = destination
        guard destination == .pipe else {
            readEnd = nil
            writeEnd = nil
            rawWriteEnd = -1
            return
        }
        var ends: [Int32] = [-1, -1]
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel writes two numbers (pipe2(2)).
            unsafe pipe2(&ends, O_CLOEXEC)
        }
        readEnd = FileDescriptor(owning: ends[0])
        writeEnd = FileDescriptor(owning: ends[1])
        rawWriteEnd = ends[1]
    }

    /// Has the child put its stream where it belongs.
    func addActions(for stream: StandardStream, to actions: inout posix_spawn_file_actions_t) {
        let target = stream.rawValue
        // SAFETY: both calls copy what they are given; the writing end stays open until `self` ends,
        // when the child has begun.
        switch destination {
        case .inherit:
            break
        case .discard:
            unsafe posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_WRONLY, 0)
        case .pipe:
            unsafe posix_spawn_file_actions_adddup2(&actions, rawWriteEnd, target)
        }
    }

    /// The reading end, if there is a pipe. The writing end is the child's alone from then on, so
    /// that the pipe ends with the child.
    consuming func takeReader() -> LineReader? {
        switch consume readEnd {
        case .some(let readEnd): LineReader(readEnd)
        case .none: nil
        }
    }
}

/// Strings as C takes a list of them: 0-terminated, behind the last one a null pointer.
@safe private struct CStringVector: ~Copyable {
    /// The first of the pointers; valid during the life of `self`.
    let start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        // SAFETY: `count` copies and a null pointer behind them, which `deinit` gives back.
        unsafe start = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            precondition(!string.utf8.contains(0), "C would see only the part before the zero")
            unsafe (start + index).initialize(to: strdup(string))
        }
        unsafe (start + count).initialize(to: nil)
    }

    deinit {
        // SAFETY: see `init`; nobody else has the pointers.
        for index in 0..<count { unsafe free(start[index]) }
        unsafe start.deallocate()
    }
}
