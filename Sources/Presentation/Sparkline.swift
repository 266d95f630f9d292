/// Bars made of characters.
package enum Sparkline {
    private static let blocks = Array(" ▁▂▃▄▅▆▇█")

    /// One character per value, as high as its share of the largest. What is above nothing
    /// never looks like nothing.
    package static func render(_ values: [Double]) -> String {
        let largest = values.max() ?? 0
        guard largest > 0 else { return String(repeating: " ", count: values.count) }
        return String(
            values.map { value in
                guard value > 0 else { return blocks[0] }
                return blocks[max(1, Int((value / largest * 8).rounded()))]
            })
    }
}
