import Syscalls
import Testing

@Suite struct FolderListingTests {
    @Test(arguments: PathResolution.allCases)
    func `a folder lists its names, hidden and odd ones too`(resolution: PathResolution) throws {
        let tree = try TemporaryTree()
        try tree.folder("sub")
        try tree.folder("sub/deep")
        try tree.file("sub/a", "12345")
        try tree.file("sub/.hidden")
        try tree.file("sub/a b%20\\ü\u{1}\"<", "x")
        try tree.fifo("sub/fifo")
        try tree.file("outside")
        let root = try Folder(tree.path)
        for path in ["sub", "sub/", "./sub"] {
            let listing = try root.entries(
                beneath: path.utf8.span, limit: 100, resolution: resolution)
            #expect(!listing.isTruncated)
            #expect(
                kinds(listing) == [
                    "a": .regular, ".hidden": .regular, "a b%20\\ü\u{1}\"<": .regular,
                    "deep": .directory, "fifo": .other,
                ])
            let file = listing.entries.first { $0.name == Array("a".utf8) }
            let path = "sub/a".utf8.span
            #expect(try file?.info == root.info(beneath: path, resolution: resolution))
        }
        let top = try root.entries(beneath: "".utf8.span, limit: 100, resolution: resolution)
        #expect(kinds(top) == ["sub": .directory, "outside": .regular])
    }

    @Test func `a name keeps its bytes, whatever they mean`() throws {
        let tree = try TemporaryTree()
        let name: [UInt8] = [0xff, 0xfe, 0x80, 0x0a]
        try tree.file(name)
        let listing = try Folder(tree.path).entries(beneath: "".utf8.span, limit: 10)
        #expect(listing.entries.map(\.name) == [name])
        #expect(try Folder(tree.path).info(beneath: name.span).kind == .regular)
    }

    @Test func `a link is told as what it leads to, unless it leads out or nowhere`() throws {
        let tree = try TemporaryTree()
        try tree.file("secret", "secret")
        try tree.folder("root")
        try tree.file("root/a", "12345")
        try tree.folder("root/sub")
        for (name, target) in [
            ("to-a", "../a"), ("to-here", "."), ("dangling", "no"), ("self", "self"),
            ("out", "../../secret"), ("absolute", tree.place("root/a")), ("top", "/"),
        ] {
            try tree.link("root/sub/" + name, to: target)
        }
        let root = try Folder(tree.place("root"))
        let listing = try root.entries(beneath: "sub".utf8.span, limit: 100)
        #expect(
            kinds(listing) == [
                "to-a": .regular, "to-here": .directory, "dangling": .symbolicLink,
                "self": .symbolicLink, "out": .symbolicLink, "absolute": .symbolicLink,
                "top": .symbolicLink,
            ])
        let file = listing.entries.first { $0.name == Array("to-a".utf8) }
        #expect(file?.info.size == 5)
        // Where no link is followed, none could be opened.
        let stepwise = try root.entries(
            beneath: "sub".utf8.span, limit: 100, resolution: .stepwise)
        #expect(Set(kinds(stepwise).values) == [.symbolicLink])
        #expect(kinds(stepwise).count == 7)
    }

    @Test(arguments: [0, 1, 299, 300, 301])
    func `no more names than asked for`(limit: Int) throws {
        let tree = try TemporaryTree()
        for index in 0..<300 { try tree.file("file \(index)") }
        let listing = try Folder(tree.path).entries(beneath: "".utf8.span, limit: limit)
        #expect(listing.entries.count == min(limit, 300))
        #expect(listing.isTruncated == (limit < 300))
        let names = Set(listing.entries.map(\.name))
        #expect(names.count == listing.entries.count)
        #expect(names.isSubset(of: (0..<300).map { Array("file \($0)".utf8) }))
    }

    @Test(arguments: PathResolution.allCases)
    func `what is no folder here has no list`(resolution: PathResolution) throws {
        let tree = try TemporaryTree()
        try tree.folder("root")
        try tree.folder("root/empty")
        try tree.file("root/a")
        try tree.fifo("root/fifo")
        try tree.link("root/out", to: "..")
        let root = try Folder(tree.place("root"))
        let empty = try root.entries(
            beneath: "empty".utf8.span, limit: 0, resolution: resolution)
        #expect(empty.entries.isEmpty && !empty.isTruncated)
        let isFollowed = resolution == .kernel
        for (path, error) in [
            ("a", Errno.notDirectory), ("fifo", .notDirectory), ("no", .noSuchFile),
            ("..", .crossDeviceLink), ("/", .crossDeviceLink), ("empty\u{0}", .noSuchFile),
            ("out", isFollowed ? .crossDeviceLink : .tooManySymbolicLinks),
        ] {
            #expect(throws: error, "\(path)") {
                _ = try root.entries(beneath: path.utf8.span, limit: 1, resolution: resolution)
            }
        }
    }

    @Test func `no descriptor is left behind`() throws {
        let tree = try TemporaryTree()
        try tree.file("a")
        try tree.file("b")
        try tree.link("link", to: "a")
        let root = try Folder(tree.path)
        for limit in 0...4 { _ = try root.entries(beneath: "".utf8.span, limit: limit) }
        for path in ["a", "no", ".."] {
            _ = try? root.entries(beneath: path.utf8.span, limit: 1)
        }
        // The root's own.
        #expect(try tree.openDescriptorCount() == 1)
    }

    private func kinds(_ listing: FolderListing) -> [String: FileInfo.Kind] {
        Dictionary(
            uniqueKeysWithValues: listing.entries.map {
                (String(decoding: $0.name, as: UTF8.self), $0.info.kind)
            })
    }
}
