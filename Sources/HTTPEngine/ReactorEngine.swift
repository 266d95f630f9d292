package import Containers
internal import Reactor
package import Syscalls

/// The engine of the house: one thread, one epoll loop, every connection of its listeners.
///
/// HTTPEngine knows connections, their exchanges and their sockets. It must not know routes, MIME
/// types or log formats.
package struct ReactorEngine: ~Copyable {
    private var reactor: Reactor
    private var server: ReactorServer

    /// Takes the listeners over; they accept from the first turn on.
    ///
    /// - Throws: `EMFILE` and the like when the loop's own descriptors cannot be had.
    package init(
        listeners: consuming Slab<Listener>, handler: any RequestHandler, limits: Limits,
        serverName: String, statistics: EngineStatistics? = nil,
        observer: (any ExchangeObserver)? = nil
    ) throws(Errno) {
        let slotCount = limits.maxConnections + limits.overflowConnections
        let statistics =
            statistics ?? EngineStatistics(threadCount: 1, connectionCount: slotCount)
        var reactor = try Reactor(timerSlots: slotCount + ReactorServer.extraTimerSlots)
        var server = ReactorServer(
            listeners: listeners, control: EngineControl(wakeup: reactor.wakeup),
            workspace: Workspace(
                handler: handler, limits: limits, serverName: serverName,
                executor: reactor.executor, recorder: observer?.makeRecorder(thread: 0),
                statistics: statistics),
            statistics: statistics)
        try server.startAccepting(in: &reactor)
        self.reactor = reactor
        self.server = server
    }

    /// What other threads may hold on to.
    package var control: EngineControl { server.control }

    /// Serves on the calling thread until a drain or a stop is complete.
    ///
    /// - Throws: Only what `epoll_wait(2)` throws, which would be a fault of ours.
    package mutating func run() throws(Errno) -> DrainReport {
        reactor.executor.adoptCallingThread()
        let hasBlocked = Signals.blockBrokenPipe()
        // Whatever ends the loop, its tasks come to their ends.
        defer {
            if hasBlocked { Signals.unblockBrokenPipe() }
            server.workspace.deferral?.end()
            reactor.executor.stop()
        }
        while !server.isDone {
            try reactor.runOnce(&server)
        }
        server.control.enter(.stopped)
        return DrainReport(forcedConnections: server.forcedConnections)
    }

    /// Runs one turn: for tests that put the loop on their own thread.
    package mutating func runOnce() throws(Errno) {
        reactor.executor.adoptCallingThread()
        try reactor.runOnce(&server)
    }

    /// Connections that are open now, lingering ones included.
    package var connectionCount: Int { server.connectionCount }
}
