internal import Glibc

/// A path from a folder downwards, as the kernel takes it.
struct RelativePath {
    /// The longest: PATH_MAX less the byte that ends it.
    static let maximumLength = Int(PATH_MAX) - 1

    /// The folder itself.
    static let here: [CChar] = [dot, 0]

    /// The path and a final 0.
    let characters: [CChar]

    /// Names divided by `/`; none are the folder itself. What leads out of it by its spelling is
    /// EXDEV: an absolute path, and `..` even where it would not. A NUL is ENOENT, because nothing
    /// has such a name.
    init(_ path: Span<UInt8>) throws(Errno) {
        guard path.count <= Self.maximumLength else { throw .nameTooLong }
        var characters: [CChar] = []
        characters.reserveCapacity(path.count + 1)
        for index in path.indices { characters.append(CChar(bitPattern: path[index])) }
        guard !characters.contains(0) else { throw .noSuchFile }
        let names = characters.split(separator: Self.slash)
        guard characters.first != Self.slash, !names.contains([Self.dot, Self.dot]) else {
            throw .crossDeviceLink
        }
        characters.append(0)
        self.characters = path.isEmpty ? Self.here : characters
    }

    /// The path of something in the folder that another leads to.
    init(_ folder: RelativePath, name: [UInt8]) {
        var characters = Array(folder.spelled)
        characters.append(Self.slash)
        for byte in name { characters.append(CChar(bitPattern: byte)) }
        characters.append(0)
        self.characters = characters
    }

    /// The names on the way, at least one, each with a final 0.
    var names: [[CChar]] {
        spelled.split(separator: Self.slash).map { $0 + [0] }
    }

    /// Whether it ends with `/`, so that nothing but a folder fits it.
    var wantsFolder: Bool { spelled.last == Self.slash }

    /// All but the final 0.
    private var spelled: ArraySlice<CChar> { characters[..<(characters.count - 1)] }

    private static let slash = CChar(bitPattern: UInt8(ascii: "/"))
    private static let dot = CChar(bitPattern: UInt8(ascii: "."))
}
