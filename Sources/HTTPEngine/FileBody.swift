internal import Containers

/// A body of segments of one file, perhaps with bytes between them (`multipart/byteranges`).
///
/// It does not change, so it may be the body of several answers, also at the same time. What it says
/// of the file is promised to the client: when the file turns out to be shorter, the connection is
/// reset.
package final class FileBody: Sendable {
    package enum Part: Sendable {
        /// Copied into the send buffer when its turn has come: meant to be short.
        case bytes([UInt8])
        case file(Range<Int>)

        var byteCount: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(let range): range.count
            }
        }
    }

    let file: FileSource

    /// None of them is empty.
    let parts: [Part]

    /// Of all parts.
    package let byteCount: Int

    /// Something is sent from the file: it is no body of bytes alone.
    let hasSegments: Bool

    /// One segment.
    package convenience init(_ file: FileSource, _ range: Range<Int>) {
        self.init(file, parts: [.file(range)])
    }

    /// Segments and bytes, one behind the other.
    package init(_ file: FileSource, parts: [Part]) {
        self.file = file
        self.parts = parts.filter { part in
            if case .file(let range) = part { precondition(range.lowerBound >= 0) }
            return part.byteCount > 0
        }
        byteCount = self.parts.reduce(0) { $0 + $1.byteCount }
        hasSegments = self.parts.contains { if case .file = $0 { true } else { false } }
    }

    /// Appends all bytes that are not the file's.
    func appendBytes(to output: inout ByteBuffer) {
        for part in parts {
            if case .bytes(let bytes) = part { output.append(bytes.span) }
        }
    }
}
