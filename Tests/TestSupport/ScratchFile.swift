internal import Glibc
package import Syscalls

/// A file with these bytes and without a name, open for reading and writing: gone when it is closed.
package struct ScratchFile: ~Copyable {
    package let descriptor: FileDescriptor

    package init(_ bytes: [UInt8]) throws {
        var template = Array("/tmp/sluice-XXXXXX".utf8CString)
        // SAFETY: mkstemp(3) changes the template in place, which ends in 0; so unlink(2) can read it.
        let rawValue = unsafe mkstemp(&template)
        guard rawValue >= 0 else { throw ClientFailure("no scratch file") }
        let descriptor = FileDescriptor(owning: rawValue)
        unsafe unlink(template)
        try Output.write(bytes.span, to: descriptor)
        self.descriptor = descriptor
    }

    /// The same file for somebody else.
    package func duplicate() throws -> FileDescriptor {
        let rawValue = dup(descriptor.rawValue)
        guard rawValue >= 0 else { throw ClientFailure("no descriptor is left") }
        return FileDescriptor(owning: rawValue)
    }

    /// Cuts the file off behind so many bytes.
    package func truncate(to byteCount: Int) throws {
        guard ftruncate(descriptor.rawValue, byteCount) == 0 else {
            throw ClientFailure("the file cannot be cut off")
        }
    }
}
