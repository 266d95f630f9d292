import Foundation
import Glibc
import Syscalls

/// A folder of its own for a test, which goes with it and all that is in it.
struct TemporaryTree: ~Copyable {
    let path: String

    init() throws {
        path = "/tmp/sluice-tree-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Descriptors of this process that lead into it, whatever other tests have open.
    func openDescriptorCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
            // Some are closed meanwhile.
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/\(name)")
            return target?.hasPrefix(path) == true
        }
    }

    /// The path of a name in it.
    func place(_ name: String) -> String { path + "/" + name }

    /// Makes a file, or replaces what is in it.
    func file(_ name: String, _ text: String = "") throws {
        try WholeFile.write(text.utf8.span, place(name))
    }

    /// Makes an empty file with a name that need not be text.
    func file(_ name: [UInt8]) throws {
        let path = (Array(place("").utf8) + name + [0]).map(CChar.init(bitPattern:))
        // SAFETY: the path ends with a 0 and stays during the call.
        let rawValue = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        try check(rawValue)
        FileDescriptor(owning: rawValue).close()
    }

    /// Makes a folder.
    func folder(_ name: String) throws {
        // SAFETY: the path is a 0-terminated copy during the call.
        try check(unsafe mkdir(place(name), 0o755))
    }

    /// Makes a symbolic link.
    func link(_ name: String, to target: String) throws {
        // SAFETY: both are 0-terminated copies during the call.
        try check(unsafe symlink(target, place(name)))
    }

    /// Makes a fifo, to which nobody writes.
    func fifo(_ name: String) throws {
        // SAFETY: the path is a 0-terminated copy during the call.
        try check(unsafe mkfifo(place(name), 0o644))
    }

    /// Makes a socket, on which nobody listens.
    func socket(_ name: String) throws {
        guard let address = UnixSocketAddress(path: place(name)) else { throw Missing.address }
        try Socket.bind(try Socket.unixStream(nonBlocking: true), to: address)
    }

    /// Sets who may do what with something.
    func setMode(_ name: String, _ mode: UInt32) throws {
        // SAFETY: the path is a 0-terminated copy during the call.
        try check(unsafe chmod(place(name), mode_t(mode)))
    }

    /// Sets when a file was last changed.
    func setModified(_ name: String, seconds: Int, nanoseconds: Int) throws {
        let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
        // SAFETY: utimensat(2) reads two times; the path is a 0-terminated copy during the call.
        try check(unsafe utimensat(AT_FDCWD, place(name), [time, time], 0))
    }

    /// Cuts a file off, or lengthens it with zeros.
    func truncate(_ name: String, to byteCount: Int) throws {
        // SAFETY: the path is a 0-terminated copy during the call.
        try check(unsafe Glibc.truncate(place(name), byteCount))
    }

    private func check(_ result: Int32) throws {
        if result < 0 { throw Errno(rawValue: errno) }
    }
}
