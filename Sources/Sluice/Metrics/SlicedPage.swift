internal import Containers
internal import HTTPEngine

/// A body that is made in slices, so that a page about a thousand routes never holds the loop for
/// long: it has a turn for each.
///
/// A slice ends at `sliceByteCount` bytes, or behind `sliceItemCount` items that had something to say,
/// or `scanCount` in all; whichever comes first. Each takes some hundred microseconds.
struct SlicedPage: BodyProducer {
    /// As long as the piece that the loop sends at once.
    static let sliceByteCount = 32_768
    /// Items that are worked out in a slice: each adds up the counters of all threads.
    static let sliceItemCount = 50
    /// Items that are looked at in a slice, those that say nothing included.
    static let scanCount = 1_000

    /// One part of the page: so many items, written one after the other.
    struct Section: Sendable {
        /// How many there are; asked once, when the part begins.
        let count: @Sendable () -> Int
        /// Writes one, and returns whether it had something to do.
        let write: @Sendable (_ item: Int, _ output: inout ByteBuffer) -> Bool

        init(
            count: @escaping @Sendable () -> Int,
            write: @escaping @Sendable (_ item: Int, _ output: inout ByteBuffer) -> Bool
        ) {
            self.count = count
            self.write = write
        }

        /// A part that is short.
        init(_ write: @escaping @Sendable (_ output: inout ByteBuffer) -> Void) {
            count = { 1 }
            self.write = { _, output in
                write(&output)
                return true
            }
        }
    }

    private let sections: [Section]
    /// Where it goes on.
    private var section = 0
    private var item = 0
    /// Items of the current section; `nil`: it has not begun.
    private var itemCount: Int?

    init(_ sections: [Section]) {
        self.sections = sections
    }

    mutating func produce(into writer: inout BodyWriter) -> BodyProgress {
        var output = ByteBuffer(minimumCapacity: Self.sliceByteCount)
        let progress = write(into: &output)
        writer.write(output.span)
        return progress
    }

    /// The next slice.
    mutating func write(into output: inout ByteBuffer) -> BodyProgress {
        var (workCount, scanned) = (0, 0)
        while section < sections.count {
            let current = sections[section]
            let count = itemCount ?? current.count()
            itemCount = count
            while item < count {
                guard output.count < Self.sliceByteCount, workCount < Self.sliceItemCount,
                    scanned < Self.scanCount
                else { return .more }
                if current.write(item, &output) { workCount += 1 }
                scanned += 1
                item += 1
            }
            section += 1
            (item, itemCount) = (0, nil)
        }
        return .finished
    }
}
