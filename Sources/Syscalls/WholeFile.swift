internal import Glibc

/// Files that are read or written as a whole, by programs at their start and end. Blocking, so it
/// has no place on a loop's thread.
package enum WholeFile {
    /// The bytes of a file; EFBIG when there are more than `maximumByteCount`.
    package static func read(
        _ path: String, maximumByteCount: Int
    ) throws(Errno) -> [UInt8] {
        let descriptor = try open(path, O_RDONLY | O_CLOEXEC, mode: 0)
        let rawValue = descriptor.rawValue
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        // Each turn takes at least a byte, so the limit bounds the loop.
        while true {
            let size = chunk.count
            let count = try SystemCall.other.perform {
                // SAFETY: the kernel writes at most the chunk's size.
                unsafe Glibc.read(rawValue, &chunk, size)
            }
            if count == 0 { return bytes }
            guard bytes.count + count <= maximumByteCount else { throw Errno(rawValue: EFBIG) }
            bytes += chunk[..<count]
        }
    }

    /// Makes the file, or replaces what is in it, with `bytes`.
    package static func write(_ bytes: Span<UInt8>, _ path: String) throws(Errno) {
        let descriptor = try open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode: 0o644)
        try Output.write(bytes, to: descriptor)
    }

    private static func open(
        _ path: String, _ flags: Int32, mode: mode_t
    ) throws(Errno) -> FileDescriptor {
        let rawValue = try SystemCall.other.perform {
            // SAFETY: the path is a 0-terminated copy during the call.
            unsafe Glibc.open(path, flags, mode)
        }
        return FileDescriptor(owning: rawValue)
    }
}

/// The size of the terminal behind a stream.
package enum TerminalSize {
    /// Characters in a line; nil when it is no terminal, or does not know.
    package static func columns(_ stream: StandardStream) -> Int? {
        var size = winsize()
        // SAFETY: TIOCGWINSZ writes one structure (ioctl_tty(2)).
        let result = unsafe ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }
}
