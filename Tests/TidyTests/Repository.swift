import Foundation

/// The files of this package, from where this one lies.
enum Repository {
    /// A Swift file, by its path from the top.
    struct SwiftFile {
        let path: String
        let text: String

        /// The lines without their comments.
        var code: [Substring] {
            text.split(separator: "\n").map { line in
                line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
            }
        }

        /// The modules that it imports.
        var imports: [String] {
            text.split(separator: "\n").filter { $0.contains("import ") }.compactMap { line in
                line.wholeMatch(
                    of:
                        /(?:@\w+ )*(?:(?:public|package|internal|private|fileprivate) )?import (?:\w+ (?=\w+\.))?(\w+)(?:\.\w+)*\s*/
                ).map { String($0.1) }
            }
        }
    }

    static func path(_ relative: String) -> String {
        top.appendingPathComponent(relative).path
    }

    /// All Swift files under some folders; an error when there are none.
    static func swiftFiles(under folders: String...) throws -> [SwiftFile] {
        try folders.flatMap { folder in
            let names = try FileManager.default.subpathsOfDirectory(atPath: path(folder))
            let files = names.filter { $0.hasSuffix(".swift") }.sorted().map { "\(folder)/\($0)" }
            guard !files.isEmpty else { throw CocoaError(.fileNoSuchFile) }
            return try files.map {
                SwiftFile(path: $0, text: try String(contentsOfFile: path($0), encoding: .utf8))
            }
        }
    }

    /// README.md and the pages under docs.
    static func documents() throws -> [String] {
        let manager = FileManager.default
        var documents: [String] = []
        if manager.fileExists(atPath: path("README.md")) { documents.append("README.md") }
        if manager.fileExists(atPath: path("docs")) {
            documents += try manager.subpathsOfDirectory(atPath: path("docs"))
                .filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
        }
        return documents
    }

    private static let top = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
