package import Syscalls

/// Where a run's connections go, resolved: nothing here waits for a name service.
package struct LoadTarget: Sendable {
    /// Addresses to try, the preferred first; empty when there is a Unix socket.
    let addresses: [SocketAddress]
    let unixAddress: UnixSocketAddress?
    /// Local addresses that connections are spread over; empty lets the kernel choose.
    let sources: [SocketAddress]

    /// Connections to addresses of one host, of which there must be one.
    package init(addresses: [SocketAddress], sources: [SocketAddress] = []) {
        precondition(!addresses.isEmpty)
        self.addresses = addresses
        self.sources = sources
        unixAddress = nil
    }

    /// Connections to a Unix socket.
    package init(unix address: UnixSocketAddress) {
        addresses = []
        sources = []
        unixAddress = address
    }

    /// Resolves what the options say. Blocks on the name service.
    package init(_ options: Options) throws(LoadError) {
        if let path = options.unixPath {
            guard let address = UnixSocketAddress(path: path) else {
                throw LoadError("--unix '\(path)': is not the path of a socket", isUsage: true)
            }
            self.init(unix: address)
            return
        }
        let target = options.target
        let addresses: [SocketAddress]
        do throws(ResolveError) {
            addresses = try SocketAddress.resolve(host: target.host, port: UInt16(target.port))
        } catch {
            throw LoadError("\(target): \(error)", isUsage: false)
        }
        var sources: [SocketAddress] = []
        for text in options.sourceAddresses {
            guard let source = SocketAddress(numericHost: text, port: 0) else {
                throw LoadError(
                    "--source '\(text)': is not an address; give one such as 127.0.0.2",
                    isUsage: true)
            }
            try Self.checkIsOurs(source, text)
            sources.append(source)
        }
        // Only addresses of the family that connections come from can be reached.
        let reachable = addresses.filter { address in
            sources.allSatisfy { $0.family == address.family }
        }
        guard !reachable.isEmpty else {
            throw LoadError(
                "--source: '\(target.host)' has no address of the family of all sources; "
                    + "give sources of one family", isUsage: true)
        }
        self.init(addresses: reachable, sources: sources)
    }

    /// An address of another machine would look like a lack of ports, connection after connection.
    private static func checkIsOurs(_ source: SocketAddress, _ text: String) throws(LoadError) {
        do throws(Errno) {
            let socket = try Socket.stream(family: source.family, nonBlocking: true)
            try Socket.bind(socket, to: source)
        } catch {
            throw LoadError(
                "--source '\(text)': \(error); give an address of this machine", isUsage: true)
        }
    }

    /// How many addresses there are to try.
    var choiceCount: Int { max(1, addresses.count) }

    /// Starts connection number `number`, without waiting for it.
    func connect(
        number: Int, choice: Int
    ) throws(Errno) -> StartedConnect {
        if let unixAddress {
            let socket = try Socket.unixStream(nonBlocking: true)
            try Socket.connect(socket, to: unixAddress)
            return StartedConnect(socket: socket, isOpen: true)
        }
        let address = addresses[choice % addresses.count]
        let socket = try Socket.stream(family: address.family, nonBlocking: true)
        try Socket.setNoDelay(socket, true)
        if !sources.isEmpty {
            try Socket.setBindAddressNoPort(socket, true)
            try Socket.bind(socket, to: sources[number % sources.count])
        }
        let result = try Socket.connect(socket, to: address)
        return StartedConnect(socket: socket, isOpen: result == .connected)
    }
}

/// A connect that has begun, and may be over already.
struct StartedConnect: ~Copyable {
    private let socket: FileDescriptor
    /// Whether the connection is there.
    let isOpen: Bool

    init(socket: consuming FileDescriptor, isOpen: Bool) {
        self.socket = socket
        self.isOpen = isOpen
    }

    consuming func takeSocket() -> FileDescriptor { socket }
}

/// Why a run could not begin: one line for people.
package struct LoadError: Error, Equatable, CustomStringConvertible {
    /// The line.
    package let description: String
    /// Whether the command line is at fault.
    package let isUsage: Bool

    /// An error with this line.
    package init(_ description: String, isUsage: Bool) {
        self.description = description
        self.isUsage = isUsage
    }
}
