internal import HTTP1
internal import Presentation
internal import Syscalls

/// What is in a folder, as clients are shown it.
struct StaticListing: Sendable {
    /// Names that are shown; of a folder with more, it is said that there are more.
    static let maxCount = 10_000

    /// One name in it.
    struct Entry: Sendable {
        let name: [UInt8]
        let isFolder: Bool
        let byteCount: Int
        let modifiedSeconds: Int64
    }

    /// Folders first, then by name.
    let entries: [Entry]
    let isTruncated: Bool

    /// Reads a folder. Blocks: for the threads of a pool.
    ///
    /// - Parameter key: Its path, which ends with a slash or is empty.
    init(_ key: [UInt8], in folder: StaticFolder) throws(Errno) {
        let listing = try folder.root.entries(
            beneath: key.span, limit: Self.maxCount, resolution: folder.resolution)
        let servesHidden = folder.options.servesHidden
        entries = listing.entries.compactMap { entry -> Entry? in
            let isHidden = entry.name.first == UInt8(ascii: ".") && !servesHidden
            // What is not served is not shown: links that lead out, fifos, and names that no path
            // can hold.
            guard !isHidden, !entry.name.contains(UInt8(ascii: "\\")) else { return nil }
            switch entry.info.kind {
            case .regular, .directory: break
            case .symbolicLink, .other: return nil
            }
            return Entry(
                name: entry.name, isFolder: entry.info.kind == .directory,
                byteCount: entry.info.size, modifiedSeconds: entry.info.modifiedSeconds)
        }.sorted { first, second in
            if first.isFolder != second.isFolder { return first.isFolder }
            return first.name.lexicographicallyPrecedes(second.name)
        }
        isTruncated = listing.isTruncated
    }

    // MARK: Forms

    /// A page with a link to each of them.
    func page(title: String, hasParent: Bool) -> String {
        var rows = hasParent ? "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n" : ""
        for entry in entries {
            let slash = entry.isFolder ? "/" : ""
            let name = (entry.text + slash).escapedForHTML
            rows += "<tr><td><a href=\"\(entry.reference)\">\(name)</a></td>"
            rows += "<td>\(entry.isFolder ? "" : String(entry.byteCount))</td>"
            rows += "<td>\(entry.modified ?? "")</td></tr>\n"
        }
        let title = title.escapedForHTML
        return """
            <!DOCTYPE html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(title)</title>
            <style>
            body { font: 1em/1.5 system-ui, sans-serif; margin: 2em }
            td { padding-right: 2em } td:nth-child(2) { text-align: right }
            </style>
            <h1>\(title)</h1>
            <table>
            \(rows)</table>
            \(isTruncated ? "<p>… and more</p>\n" : "")
            """
    }

    /// The same for programs.
    var json: String {
        let members = entries.map { entry -> JSONValue in
            var members = [
                JSONValue.Member("name", .string(entry.text)),
                JSONValue.Member("href", .string(entry.reference)),
                JSONValue.Member("type", .string(entry.isFolder ? "folder" : "file")),
            ]
            if !entry.isFolder {
                members.append(JSONValue.Member("size", .integer(entry.byteCount)))
            }
            if let modified = entry.modified {
                members.append(JSONValue.Member("modified", .string(modified)))
            }
            return .object(members)
        }
        return JSONValue.object([
            JSONValue.Member("entries", .array(members)),
            JSONValue.Member("truncated", .bool(isTruncated)),
        ]).compactText
    }
}

extension StaticListing.Entry {
    /// The name; what is not valid UTF-8 is replaced by U+FFFD.
    fileprivate var text: String { String(decoding: name, as: UTF8.self) }

    /// A reference relative to the folder: every byte but unreserved ones is encoded, so that no
    /// name is taken for a scheme, a query or a tag.
    fileprivate var reference: String {
        var reference = "./"
        for byte in name {
            if byte.isUnreserved {
                reference.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                reference += "%\(PathText.hexadecimal(byte))"
            }
        }
        return isFolder ? reference + "/" : reference
    }

    /// When it was changed, as HTTP writes dates.
    fileprivate var modified: String? {
        guard HTTPDate.range.contains(modifiedSeconds) else { return nil }
        return HTTPDate.text(secondsSince1970: modifiedSeconds)
    }
}

extension UInt8 {
    /// RFC 3986 §2.3
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: self == 0x2D || self == 0x2E || self == 0x5F || self == 0x7E
        }
    }
}
