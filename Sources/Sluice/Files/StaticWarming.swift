internal import HTTPEngine
internal import Syscalls

/// Reading files into the page cache, on threads that may wait for a disk.
enum StaticWarming {
    /// Bytes that are read at a time, into memory that is thrown away.
    private static let pieceByteCount = 65_536

    static let warm: FileSource.Warm = { file, range, done in
        OffloadPool.shared.begin {
            read(range, of: file)
            done()
        }
    }

    /// Errors and the end of the file are met again by who sends.
    private static func read(_ range: Range<Int>, of file: FileSource) {
        var offset = range.lowerBound
        var isAtEnd = false
        while offset < range.upperBound, !isAtEnd {
            let start = offset
            let scratch = [UInt8](
                capacity: min(pieceByteCount, range.upperBound - start)
            ) { output in
                _ = try? file.descriptor.read(at: start, into: &output)
            }
            isAtEnd = scratch.isEmpty
            offset += scratch.count
        }
    }
}
