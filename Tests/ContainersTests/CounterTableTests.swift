import Containers
import Testing

@Suite struct CounterTableTests {
    @Test func `a row begins with zeros and has memory once it is written`() {
        let table = CounterTable(rowCount: 3, columnCount: 5)
        #expect(!table.isUsed(1))
        #expect(table.value(1, 4) == 0)
        table.update(1) { row in
            row.add(2, at: 4)
            row.add(3, at: 4)
        }
        #expect(table.isUsed(1) && !table.isUsed(0) && !table.isUsed(2))
        #expect((0..<5).map { table.value(1, $0) } == [0, 0, 0, 0, 5])
    }

    @Test func `a number is raised and never lowered`() {
        let table = CounterTable(rowCount: 1, columnCount: 1)
        for value: UInt64 in [3, 1, 7, 7, 2] {
            table.update(0) { $0.raise(0, to: value) }
        }
        #expect(table.value(0, 0) == 7)
    }

    @Test func `rows are added up, and those without memory add nothing`() {
        let tables = (1...3).map { number in
            let table = CounterTable(rowCount: 2, columnCount: 2)
            table.update(0) { $0.add(UInt64(number), at: 0) }
            return table
        }
        var sums: [UInt64] = [10, 0]
        #expect(tables.allSatisfy { $0.add(0, to: &sums) })
        #expect(sums == [16, 0])
        #expect(!tables.contains { $0.add(1, to: &sums) })
        #expect(sums == [16, 0])
    }

    @Test func `a number wraps around and does not trap`() {
        let table = CounterTable(rowCount: 1, columnCount: 1)
        table.update(0) { row in
            row.add(.max, at: 0)
            row.add(2, at: 0)
        }
        #expect(table.value(0, 0) == 1)
    }

    @Test func `another thread sees a row as it grows, and whole`() async {
        let table = CounterTable(rowCount: 64, columnCount: 8)
        await withTaskGroup { group in
            group.addTask {
                for step in 0..<64_000 {
                    table.update(step % 64) { row in
                        for column in 0..<8 { row.add(1, at: column) }
                    }
                }
            }
            group.addTask {
                var last: UInt64 = 0
                while last < 1_000 {
                    // Rows are written in order, so the last one that is full ends the wait.
                    let now = table.value(63, 7)
                    #expect(now >= last)
                    last = now
                    await Task.yield()
                }
            }
        }
        #expect((0..<64).allSatisfy { table.value($0, 0) == 1_000 })
    }
}
