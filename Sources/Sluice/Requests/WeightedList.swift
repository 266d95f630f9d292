internal import HTTP1
internal import HTTPEngine

/// The elements of all lines of an `Accept` field, with their weights (RFC 9110 §12.4.2), one after
/// the other.
///
/// An element that is not well-formed is passed over, so that a client's mistake costs it only that
/// element.
struct WeightedList: ~Escapable {
    /// Elements of one field that are looked at. Browsers send up to ten; each is compared with
    /// each offer. Those behind are as if they had not come.
    static let maxCount = 64

    /// One element; ranges of the head's bytes.
    struct Element {
        /// Without parameters.
        let value: Range<Int>
        /// The parameters before the weight.
        let parameters: Range<Int>
        /// In thousandths: 0 ... 1000. 0 means "not this".
        let weight: Int
    }

    private let view: RequestView
    private let name: StaticString
    private var line = 0
    /// Where to go on in the line; `nil` at its beginning.
    private var offset: Int?
    private var count = 0

    /// - Parameter name: The field's name, in lower case.
    @_lifetime(copy view)
    init(_ view: RequestView, named name: StaticString) {
        self.view = view
        self.name = name
    }

    /// Whether the field is there at all.
    var isPresent: Bool {
        for index in 0..<view.fields.count where isNamed(index) { return true }
        return false
    }

    /// The bytes that elements are ranges of.
    var bytes: Span<UInt8> {
        @_lifetime(copy self)
        get { view.bytes }
    }

    /// The next element that is well-formed.
    mutating func next() -> Element? {
        while line < view.fields.count, count < Self.maxCount {
            guard isNamed(line) else {
                line += 1
                continue
            }
            let value = view.fields[line].value
            let start = offset ?? value.startOffset
            guard start < value.endOffset else {
                line += 1
                offset = nil
                continue
            }
            let end = view.bytes.endOfElement(
                from: start, to: value.endOffset, separator: UInt8(ascii: ","))
            offset = end + 1
            let range = view.bytes.trimmed(start..<end)
            if range.isEmpty { continue }
            count += 1
            if let element = element(range) { return element }
        }
        return nil
    }

    private func isNamed(_ index: Int) -> Bool {
        view.bytes.extracting(view.fields[index].name).equalsIgnoringCase(name)
    }

    private func element(_ range: Range<Int>) -> Element? {
        let semicolon = UInt8(ascii: ";")
        let valueEnd = view.bytes.endOfElement(
            from: range.lowerBound, to: range.upperBound, separator: semicolon)
        let parametersStart = min(valueEnd + 1, range.upperBound)
        var parametersEnd = range.upperBound
        var weight = 1_000
        var start = parametersStart
        while start < range.upperBound {
            let end = view.bytes.endOfElement(
                from: start, to: range.upperBound, separator: semicolon)
            let piece = view.bytes.trimmed(start..<end)
            if isWeight(piece) {
                guard let stated = Self.weight(view.bytes.extracting(piece.dropFirst(2))) else {
                    return nil
                }
                weight = stated
                parametersEnd = start
                break  // What follows are extensions, which nobody has defined (§12.5.1).
            }
            start = end + 1
        }
        let value = view.bytes.trimmed(range.lowerBound..<valueEnd)
        guard !value.isEmpty else { return nil }
        return Element(
            value: value, parameters: parametersStart..<max(parametersStart, parametersEnd),
            weight: weight)
    }

    /// `q=`
    private func isWeight(_ piece: Range<Int>) -> Bool {
        piece.count >= 2 && view.bytes[piece.lowerBound] | 0x20 == UInt8(ascii: "q")
            && view.bytes[piece.lowerBound + 1] == UInt8(ascii: "=")
    }

    /// `0`, `1`, and up to three decimals (RFC 9110 §12.4.2), in thousandths.
    static func weight(_ bytes: Span<UInt8>) -> Int? {
        guard (1...5).contains(bytes.count), bytes.count == 1 || bytes[1] == UInt8(ascii: ".")
        else { return nil }
        var weight = 0
        var unit = 1_000
        for index in 0..<bytes.count where index != 1 {
            let digit = Int(bytes[index]) - 0x30
            guard (0...9).contains(digit) else { return nil }
            weight += digit * unit
            unit /= 10
        }
        return weight <= 1_000 ? weight : nil
    }
}
