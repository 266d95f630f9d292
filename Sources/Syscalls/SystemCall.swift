// Syscalls: the kernel as typed, errno-safe functions.
//
// Knows: file descriptors, sockets, epoll, clocks, signals, threads, and the manual pages' small
// print. Must not know: HTTP, policy (what to do when a call fails is the caller's business).
// All memory that crosses into C does so here. In debug builds a `FaultPlan` can script failures.

internal import Glibc

/// The calls that can be interrupted, counted and scripted to fail.
package enum SystemCall: Int, CaseIterable, Sendable {
    /// accept4(2).
    case accept
    /// connect(2).
    case connect
    /// recv(2).
    case receive
    /// send(2) and sendmsg(2).
    case send
    /// sendfile(2).
    case sendFile
    /// epoll_wait(2).
    case epollWait
    /// ppoll(2).
    case poll
    /// openat2(2) and what stands in for it, for what is beneath a folder.
    case open
    /// write(2) to a file or terminal.
    case write
    /// pread(2) from a file.
    case read
    /// Everything else: set-up and tear-down calls.
    case other
}

extension SystemCall {
    /// Makes a call and turns its failure into a value. The one place that knows EINTR: the call is
    /// made again, unless `interrupted` says what an interrupted one returns (a wait must not start
    /// over with its full time).
    ///
    /// EBADF, EFAULT and ENOTSOCK can only come from a mistake of ours, such as a descriptor used
    /// after its end, which by then may be somebody else's connection: they stop the program.
    /// EINVAL does not, since the kernel also uses it for states that peers bring about.
    @inline(__always)
    private func attempt<Value: FixedWidthInteger & SignedInteger>(
        interrupted: Value? = nil, _ body: () -> Value
    ) -> Result<Value, Errno> {
        while true {
            let failure: Errno
            #if FAULT_INJECTION
                if let injected = FaultPlan.failure(of: self) {
                    failure = injected
                } else {
                    let value = body()
                    if value >= 0 { return .success(value) }
                    failure = .current
                }
            #else
                let value = body()
                if value >= 0 { return .success(value) }
                failure = .current
            #endif
            if failure == .interrupted {
                if let interrupted { return .success(interrupted) }
                continue
            }
            precondition(!failure.isOurMistake, "a system call was used wrongly")
            return .failure(failure)
        }
    }

    /// Makes a call; its failure is thrown.
    @inline(__always)
    func perform<Value: FixedWidthInteger & SignedInteger>(
        interrupted: Value? = nil, _ body: () -> Value
    ) throws(Errno) -> Value {
        try attempt(interrupted: interrupted, body).get()
    }

    /// Makes a call that moves bytes or finds none to move: EAGAIN is a result.
    @inline(__always)
    func performIO(_ body: () -> Int) throws(Errno) -> IOResult {
        switch attempt(body) {
        case .success(let count): return .bytes(count)
        case .failure(.wouldBlock): return .wouldBlock
        case .failure(let error): throw error
        }
    }

    /// How many bytes a call may move: as many as asked for, unless a test scripted fewer.
    @inline(__always)
    func allowedCount(_ count: Int) -> Int {
        #if FAULT_INJECTION
            return FaultPlan.limit(of: self).map { min($0, count) } ?? count
        #else
            return count
        #endif
    }
}

extension Errno {
    fileprivate var isOurMistake: Bool {
        self == .badFileDescriptor || self == .badAddress || self == .notSocket
    }
}

/// What a call that moves bytes did.
package enum IOResult: Equatable, Sendable {
    /// So many bytes were moved, at least one.
    case bytes(Int)
    /// Nothing could be moved now (EAGAIN): on a non-blocking descriptor wait for readiness; on a
    /// blocking one its receive or send timeout has passed.
    case wouldBlock
    /// The peer sends no more. Only reads say this.
    case endOfStream
}
