internal import CLinux
internal import Glibc

/// Why a host name could not be turned into addresses.
package struct ResolveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked for.
    package let host: String
    /// The number, as in gai_strerror(3).
    package let code: Int32
    /// The system error behind EAI_SYSTEM; nil for all other codes.
    package let systemError: Errno?

    /// For people: "Name or service not known: example.invalid".
    package var description: String {
        // SAFETY: gai_strerror(3) returns a constant string for every code.
        let text = unsafe systemError?.description ?? String(cString: gai_strerror(code))
        return "\(text): \(host)"
    }
}

extension SocketAddress {
    /// The addresses of a host, in the order in which they should be tried (RFC 6724), without
    /// duplicates; at least one. A numeric host is read as it is. Blocks on the name service, so it
    /// has no place on a loop's thread.
    package static func resolve(
        host: String, port: UInt16
    ) throws(ResolveError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // SAFETY: getaddrinfo(3) reads the host's 0-terminated copy and the hints, and on success
        // gives us a list that we free once.
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            let systemError = code == EAI_SYSTEM ? Errno.current : nil
            throw ResolveError(host: host, code: code, systemError: systemError)
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            // SAFETY: an entry of the list holds an address of the length that it says.
            unsafe next = entry.pointee.ai_next
            guard let pointer = unsafe entry.pointee.ai_addr,
                let address = unsafe SocketAddress(pointer, length: entry.pointee.ai_addrlen)
            else { continue }
            let withPort = address.withPort(port)
            if !addresses.contains(withPort) { addresses.append(withPort) }
        }
        guard !addresses.isEmpty else {
            throw ResolveError(host: host, code: EAI_NONAME, systemError: nil)
        }
        return addresses
    }
}
