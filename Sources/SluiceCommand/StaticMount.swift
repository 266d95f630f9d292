internal import Arguments
internal import Sluice

/// A folder of static files, and the path under which it is served.
struct StaticMount: Sendable {
    /// Begins with a slash and ends with none; that of the whole server is empty.
    let prefix: String
    let folder: String
    /// The option that has named it.
    let option: String

    /// Where the program's own files are, unless another folder is there.
    static let standardPrefix = "/static"

    init(_ prefix: String, _ folder: Substring, option: String) throws(ValueError) {
        guard !folder.isEmpty else {
            throw ValueError("is empty", cure: "give a folder that is there")
        }
        self.prefix = prefix
        self.folder = String(folder)
        self.option = option
    }

    /// `PREFIX=DIR`
    init(_ text: Substring) throws(ValueError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].hasPrefix("/"), !parts[1].isEmpty else {
            throw ValueError(
                "is not PREFIX=DIR", cure: "give a path and a folder, such as /docs=/srv/docs")
        }
        guard !parts[0].contains(where: { "*{}".contains($0) }) else {
            throw ValueError(
                "has a star or a brace in its path", cure: "give a plain path, such as /docs")
        }
        var prefix = parts[0]
        while prefix.hasSuffix("/") { prefix.removeLast() }
        try self.init(String(prefix), parts[1], option: "--static")
    }

    /// Opens the folder.
    func open(_ options: StaticFiles.Options) throws(FileError) -> MountedFiles {
        MountedFiles(prefix: prefix, files: try StaticFiles(folder, options: options))
    }
}

/// Static files, and the path under which they are served.
struct MountedFiles: Sendable {
    let prefix: String
    let files: StaticFiles

    /// Files of the program's own, so that there is something to see from any working directory.
    static func standard(_ options: StaticFiles.Options) throws(FileError) -> MountedFiles {
        MountedFiles(
            prefix: StaticMount.standardPrefix,
            files: try StaticFiles(embedded: OwnFiles.all, options: options))
    }
}
