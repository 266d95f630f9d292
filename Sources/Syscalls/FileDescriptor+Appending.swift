internal import Glibc

extension FileDescriptor {
    /// Opens a file to append to, or makes it for its owner to write and its group to read. All
    /// writes go to its end (O_APPEND of open(2)), also after somebody has cut it off.
    package init(appendingTo path: String) throws(Errno) {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY
        let rawValue = try SystemCall.open.perform {
            // SAFETY: the path is a 0-terminated copy during the call.
            unsafe Glibc.open(path, flags, mode_t(0o640))
        }
        self.init(owning: rawValue)
    }
}
