import Containers
import Testing

struct PlainListTests {
    private struct Item: BitwiseCopyable, Equatable {
        var number = -1
        var isOdd = false
    }

    private func filled(_ count: Int) -> PlainList<Item> {
        var list = PlainList(blank: Item())
        for number in 0..<count {
            list.append { item in
                item.number = number
                item.isOdd = number % 2 == 1
            }
        }
        return list
    }

    private func numbers(_ list: borrowing PlainList<Item>) -> [Int] {
        let span = list.span
        return span.indices.map { span[$0].number }
    }

    @Test func `holds no memory before the first element`() {
        let list = PlainList(blank: Item())
        list.checkInvariants()
        #expect(list.isEmpty && list.capacity == 0 && list.span.isEmpty)
    }

    @Test(arguments: [1, 63, 64, 65, 1_000])
    func `keeps what was written in place, however far it grows`(count: Int) {
        let list = filled(count)
        list.checkInvariants()
        #expect(numbers(list) == Array(0..<count))
        #expect(list[count - 1].isOdd == ((count - 1) % 2 == 1))
    }

    @Test func `an element is changed where it stands`() {
        var list = filled(3)
        list[1].number = 7
        list.append(Item(number: 9, isOdd: true))
        #expect(numbers(list) == [0, 7, 2, 9])
    }

    @Test func `what is removed leaves the others in order`() {
        var list = filled(200)
        list.removeAll { $0.isOdd }
        list.checkInvariants()
        #expect(numbers(list) == Array(stride(from: 0, to: 200, by: 2)))
        list.append(Item())
        #expect(list.count == 101 && list[100] == Item())
    }

    @Test func `is emptied with its memory, or without`() {
        var list = filled(100)
        let capacity = list.capacity
        list.removeAll()
        #expect(list.isEmpty && list.capacity == capacity)
        list.append(Item(number: 1))
        list.release()
        list.checkInvariants()
        #expect(list.isEmpty && list.capacity == 0)
        list.append(Item(number: 2))
        #expect(numbers(list) == [2])
    }
}
