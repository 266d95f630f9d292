internal import Glibc

/// Questions about files and folders, asked by programs at their start and between measurements.
/// Blocking, so they have no place on a loop's thread.
package enum FileAccess {
    /// Whether this process may execute the file at `path`, and it is no folder (access(2)).
    package static func isExecutable(_ path: String) -> Bool {
        // SAFETY: the paths are 0-terminated copies during the calls.
        let isAllowed = unsafe access(path, X_OK) == 0
        // A folder may be entered by the same bit; only a folder has an entry for itself.
        let isFolder = unsafe access(path + "/.", F_OK) == 0
        return isAllowed && !isFolder
    }

    /// Whether there is something at `path` (access(2)).
    package static func exists(_ path: String) -> Bool {
        // SAFETY: the path is a 0-terminated copy during the call.
        unsafe access(path, F_OK) == 0
    }

    /// Where a symbolic link leads (readlink(2)); nil when there is none.
    package static func target(ofLink path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let size = bytes.count
        let count = try? SystemCall.other.perform {
            // SAFETY: the path is a 0-terminated copy; the kernel writes at most the buffer's size.
            unsafe readlink(path, &bytes, size)
        }
        guard let count, count < size else { return nil }
        return String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The names in a folder, without `.` and `..`, in no order (readdir(3)); nil when it cannot be
    /// read.
    package static func names(inFolder path: String) -> [String]? {
        // SAFETY: the path is a 0-terminated copy; the stream is ours and closed once, and an entry
        // is copied before the next call invalidates it.
        guard let stream = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
