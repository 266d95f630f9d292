import Glibc
import Syscalls
import Testing

/// What a path led to, as a value that tests can compare.
private enum Found: Equatable {
    case file(String)
    case folder
    case other
    case error(Errno)
}

/// A root with what a web server may have to serve, and a neighbour that nobody may see.
private struct Site: ~Copyable {
    let tree: TemporaryTree
    let root: Folder

    init() throws {
        let tree = try TemporaryTree()
        for folder in ["outside", "root", "root/sub", "root/sub/deep"] {
            try tree.folder(folder)
        }
        for (name, text) in [
            ("outside/secret", "secret"), ("root/a", "text a"), ("root/empty", ""),
            ("root/sub/b", "text b"), ("root/sub/deep/c", "text c"),
            ("root/.hidden", "hidden"), ("root/a b%20\\ü\u{1}\"<", "odd"),
            ("root/" + Site.longest, "long"),
        ] {
            try tree.file(name, text)
        }
        root = try Folder(tree.place("root"))
        self.tree = tree
    }

    static let longest = String(repeating: "x", count: 255)
}

@Suite struct FolderBeneathTests {
    @Test(arguments: PathResolution.allCases)
    func `files and folders are found by their paths`(resolution: PathResolution) throws {
        let site = try Site()
        let table: [(String, Found)] = [
            ("a", .file("text a")), ("empty", .file("")), ("sub/b", .file("text b")),
            ("sub/deep/c", .file("text c")), (".hidden", .file("hidden")),
            ("a b%20\\ü\u{1}\"<", .file("odd")), (Site.longest, .file("long")),
            ("./a", .file("text a")), ("sub//b", .file("text b")), ("sub/./b", .file("text b")),
            ("", .folder), (".", .folder), ("./", .folder), ("sub", .folder), ("sub/", .folder),
            ("sub/.", .folder), ("sub/deep//", .folder),
        ]
        for (path, expected) in table {
            #expect(find(path, in: site.root, resolution) == expected, "\(path)")
        }
    }

    @Test(arguments: PathResolution.allCases)
    func `what is not there, or has no name, is an error`(resolution: PathResolution) throws {
        let site = try Site()
        let table: [(String, Errno)] = [
            ("b", .noSuchFile), ("sub/a", .noSuchFile), ("no/a", .noSuchFile), ("A", .noSuchFile),
            ("a\u{0}", .noSuchFile), ("a\u{0}/b", .noSuchFile), ("\u{0}", .noSuchFile),
            ("a/", .notDirectory), ("a/b", .notDirectory), ("a/.", .notDirectory),
            ("sub/b/", .notDirectory),
            (Site.longest + "x", .nameTooLong), ("sub/" + Site.longest + "x", .nameTooLong),
            (String(repeating: "x", count: 100_000), .nameTooLong),
        ]
        for (path, expected) in table {
            #expect(find(path, in: site.root, resolution) == .error(expected), "\(path)")
        }
    }

    @Test(arguments: PathResolution.allCases)
    func `a path of 4095 bytes is the longest`(resolution: PathResolution) throws {
        let site = try Site()
        let dots = String(repeating: "./", count: 2047)
        #expect(find(dots + "a", in: site.root, resolution) == .file("text a"))
        #expect(find("./" + dots, in: site.root, resolution) == .error(.nameTooLong))
    }

    @Test(arguments: PathResolution.allCases)
    func `no spelling leads out of the folder`(resolution: PathResolution) throws {
        let site = try Site()
        for path in [
            "..", "../", "../outside/secret", "../root/a", "sub/..", "sub/../a", "sub/../../a",
            "sub/deep/../../../outside/secret", "a/..", "a/../a", "no/../a", "./../outside/secret",
            "sub/..//../outside/secret", "/", "/a", "//a", "/etc/passwd",
            site.tree.place("root/a"), site.tree.place("outside/secret"),
        ] {
            #expect(find(path, in: site.root, resolution) == .error(.crossDeviceLink), "\(path)")
        }
        for path in ["...", ".. ", "..a", "sub/..."] {
            #expect(find(path, in: site.root, resolution) == .error(.noSuchFile), "\(path)")
        }
    }

    @Test func `symbolic links are followed as long as they stay in the folder`() throws {
        let site = try Site()
        let table: [(name: String, target: String, found: Found)] = [
            ("to-a", "a", .file("text a")), ("to-sub", "sub", .folder),
            ("to-b", "sub/b", .file("text b")), ("sub/up", "../a", .file("text a")),
            ("sub/around", "../sub/deep/../b", .file("text b")),
            ("to-to-a", "to-a", .file("text a")),
            ("dot", ".", .folder), ("dangling", "no", .error(.noSuchFile)),
            ("self", "self", .error(.tooManySymbolicLinks)),
            ("parent", "..", .error(.crossDeviceLink)),
            ("secret", "../outside/secret", .error(.crossDeviceLink)),
            ("out-and-in", "../root/a", .error(.crossDeviceLink)),
            ("absolute", site.tree.place("outside/secret"), .error(.crossDeviceLink)),
            ("absolute-in", site.tree.place("root/a"), .error(.crossDeviceLink)),
            ("top", "/", .error(.crossDeviceLink)), ("sub/out", "../..", .error(.crossDeviceLink)),
        ]
        for (name, target, _) in table { try site.tree.link("root/" + name, to: target) }
        for (name, _, found) in table {
            #expect(find(name, in: site.root, .kernel) == found, "\(name)")
            let stepwise = find(name, in: site.root, .stepwise)
            #expect(stepwise == .error(.tooManySymbolicLinks), "\(name)")
        }
        let through: [(String, Found)] = [
            ("to-sub/b", .file("text b")), ("to-sub/", .folder), ("to-sub/deep/c", .file("text c")),
            ("dot/dot/dot/a", .file("text a")), ("to-a/", .error(.notDirectory)),
            ("parent/outside/secret", .error(.crossDeviceLink)),
            ("top/etc/passwd", .error(.crossDeviceLink)),
            ("sub/out/outside/secret", .error(.crossDeviceLink)),
        ]
        for (path, found) in through {
            #expect(find(path, in: site.root, .kernel) == found, "\(path)")
            let stepwise = find(path, in: site.root, .stepwise)
            #expect(stepwise == .error(.tooManySymbolicLinks), "\(path)")
        }
    }

    @Test func `links of the process file system lead nowhere`() throws {
        let root = try Folder("/proc/self")
        for path in ["exe", "root", "root/etc/passwd", "cwd"] {
            for resolution in PathResolution.allCases {
                let found = find(path, in: root, resolution)
                #expect(found == .error(.tooManySymbolicLinks), "\(path)")
            }
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: PathResolution.allCases)
    func `a fifo, a socket and a device are seen and not opened`(
        resolution: PathResolution
    ) throws {
        let site = try Site()
        try site.tree.fifo("root/fifo")
        try site.tree.socket("root/socket")
        #expect(find("fifo", in: site.root, resolution) == .other)
        #expect(find("socket", in: site.root, resolution) == .other)
        #expect(find("fifo/", in: site.root, resolution) == .error(.notDirectory))
        let devices = try Folder("/dev")
        #expect(find("null", in: devices, resolution) == .other)
        #expect(find("tty", in: devices, resolution) == .other)
    }

    @Test(arguments: PathResolution.allCases)
    func `the file is the one that was found, whatever has its name now`(
        resolution: PathResolution
    ) throws {
        let site = try Site()
        guard
            case .file(let file, let info) = try site.root.openFile(
                beneath: "a".utf8.span, resolution: resolution)
        else { throw Missing.file }
        try site.root.remove("a")
        try site.tree.file("root/a", "another")
        #expect(info.kind == .regular && info.size == 6)
        #expect(try file.info() == info)
        #expect(text(file) == "text a")
        let other = try site.root.info(beneath: "a".utf8.span, resolution: resolution)
        #expect(other.size == 7 && other.inode != info.inode)
    }

    @Test(arguments: PathResolution.allCases)
    func `what is there is told without opening it`(resolution: PathResolution) throws {
        let site = try Site()
        try site.tree.fifo("root/fifo")
        try site.tree.file("root/unreadable", "abc")
        try site.tree.setMode("root/unreadable", 0)
        for (path, kind) in [
            ("a", FileInfo.Kind.regular), ("sub", .directory), ("fifo", .other),
            ("unreadable", .regular), ("", .directory),
        ] {
            let info = try site.root.info(beneath: path.utf8.span, resolution: resolution)
            #expect(info.kind == kind, "\(path)")
        }
        #expect(throws: Errno.noSuchFile) {
            _ = try site.root.info(beneath: "no".utf8.span, resolution: resolution)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "to root everything is readable"))
    func `what may not be read is an error`() throws {
        let site = try Site()
        try site.tree.setMode("root/a", 0o200)
        try site.tree.setMode("root/sub", 0o600)
        for resolution in PathResolution.allCases {
            #expect(find("a", in: site.root, resolution) == .error(.accessDenied))
            #expect(find("sub/b", in: site.root, resolution) == .error(.accessDenied))
        }
        try site.tree.setMode("root/sub", 0o755)
    }

    @Test func `no descriptor is left behind`() throws {
        let site = try Site()
        try site.tree.fifo("root/fifo")
        for path in ["a", "sub", "fifo", "no", "sub/b/", "sub/deep/c", "../a", "a/b"] {
            for resolution in PathResolution.allCases {
                _ = find(path, in: site.root, resolution)
                _ = try? site.root.info(beneath: path.utf8.span, resolution: resolution)
            }
        }
        // The root's own.
        #expect(try site.tree.openDescriptorCount() == 1)
    }

    #if FAULT_INJECTION
        @Test(arguments: [Errno.notImplemented, .notPermitted])
        func `a kernel without openat2 is done without`(error: Errno) throws {
            let site = try Site()
            try site.tree.link("root/link", to: "a")
            let plan = FaultPlan(.fail(.open, with: error, onCalls: 1...1))
            #expect(plan.run { find("sub/b", in: site.root, .kernel) } == .file("text b"))
            // The call that is not there, three steps, and the file itself.
            #expect(plan.callCount(.open) == 5)
            let other = FaultPlan(.fail(.open, with: error, onCalls: 1...1))
            let link = other.run { find("link", in: site.root, .kernel) }
            #expect(link == .error(.tooManySymbolicLinks))
        }

        @Test(arguments: PathResolution.allCases)
        func `without a process file system a file is opened by its name`(
            resolution: PathResolution
        ) throws {
            let site = try Site()
            let calls = resolution == .kernel ? 1 : 2
            let plan = FaultPlan(
                .fail(.open, with: .noSuchFile, onCalls: calls + 1...calls + 1))
            #expect(plan.run { find("a", in: site.root, resolution) } == .file("text a"))
            #expect(plan.callCount(.open) == 2 * calls + 1)
        }

        @Test func `a path is looked up again while folders are renamed, but not for ever`() throws
        {
            let site = try Site()
            let plan = FaultPlan(.fail(.open, with: .wouldBlock, onCalls: 1...15))
            #expect(plan.run { find("a", in: site.root, .kernel) } == .file("text a"))
            #expect(plan.callCount(.open) == 17)
            let endless = FaultPlan(.fail(.open, with: .wouldBlock))
            let found = endless.run { find("a", in: site.root, .kernel) }
            #expect(found == .error(.crossDeviceLink))
            #expect(endless.callCount(.open) == 16)
        }

        @Test func `a file that may not be read, and no descriptors left, are errors`() throws {
            let site = try Site()
            for error in [Errno.accessDenied, .tooManyOpenFiles] {
                for call in 1...2 {
                    let plan = FaultPlan(.fail(.open, with: error, onCalls: call...call))
                    let found = plan.run { find("a", in: site.root, .kernel) }
                    #expect(found == .error(error))
                    #expect(plan.callCount(.open) == call)
                }
            }
        }
    #endif
}

private func find(
    _ path: some StringProtocol, in root: borrowing Folder, _ resolution: PathResolution
) -> Found {
    do throws(Errno) {
        let bytes = Array(path.utf8)
        switch try root.openFile(beneath: bytes.span, resolution: resolution) {
        case .file(let file, let info):
            let text = text(file)
            #expect(info.kind == .regular && info.size == text.utf8.count)
            return .file(text)
        case .folder(let info):
            #expect(info.kind == .directory)
            return .folder
        case .other: return .other
        }
    } catch {
        return .error(error)
    }
}

/// The first hundred bytes.
private func text(_ file: borrowing FileDescriptor) -> String {
    let bytes = try? [UInt8](capacity: 100) { output throws(Errno) in
        _ = try file.read(at: 0, into: &output)
    }
    return String(decoding: bytes ?? [], as: UTF8.self)
}
