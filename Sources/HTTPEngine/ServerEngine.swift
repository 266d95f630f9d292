package import Containers
package import Syscalls

/// One of the engines, behind one door: what differs is how bytes are moved, and nothing else.
package enum ServerEngine: ~Copyable {
    case reactor(ReactorEngine)
    case threadPool(ThreadPoolEngine)

    /// Which engine, and what it needs to be told.
    package enum Kind: Sendable {
        case reactor
        case threadPool(ThreadPoolEngine.Size)
    }

    /// Takes the listeners over.
    ///
    /// - Throws: `EMFILE` and the like when the engine's own descriptors cannot be had.
    package init(
        _ kind: Kind, listeners: consuming Slab<Listener>, handler: any RequestHandler,
        limits: Limits, serverName: String, statistics: EngineStatistics? = nil,
        observer: (any ExchangeObserver)? = nil
    ) throws(Errno) {
        switch kind {
        case .reactor:
            self = .reactor(
                try ReactorEngine(
                    listeners: listeners, handler: handler, limits: limits,
                    serverName: serverName, statistics: statistics, observer: observer))
        case .threadPool(let size):
            self = .threadPool(
                try ThreadPoolEngine(
                    listeners: listeners, handler: handler, limits: limits, serverName: serverName,
                    size: size, statistics: statistics, observer: observer))
        }
    }

    /// The numbers that an engine of this kind needs.
    package static func statistics(_ kind: Kind, _ limits: Limits) -> EngineStatistics {
        let placeCount = limits.maxConnections + limits.overflowConnections
        switch kind {
        case .reactor:
            return EngineStatistics(threadCount: 1, connectionCount: placeCount)
        case .threadPool(let size):
            // One for each worker, one that refuses, one that accepts.
            return EngineStatistics(
                threadCount: size.workerCount + 2, connectionCount: placeCount)
        }
    }

    /// What other threads may hold on to.
    package var control: EngineControl {
        switch self {
        case .reactor(let engine): engine.control
        case .threadPool(let engine): engine.control
        }
    }

    /// Serves on the calling thread, and those that the engine starts, until a drain or a stop is
    /// complete.
    package consuming func run() throws(Errno) -> DrainReport {
        switch consume self {
        case .reactor(var engine): return try engine.run()
        case .threadPool(var engine): return try engine.run()
        }
    }
}
