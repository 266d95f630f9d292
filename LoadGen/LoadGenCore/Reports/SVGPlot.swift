internal import Glibc
internal import Presentation

/// How values become places on an axis.
enum PlotScale {
    /// Evenly from zero to a maximum.
    case linear(maximum: Double)
    /// By decades, both ends above zero.
    case logarithmic(minimum: Double, maximum: Double)

    /// A scale from zero that ends at a round number.
    static func linear(for largest: Double) -> PlotScale {
        .linear(maximum: max(step(for: largest), 1e-9) * 4)
    }

    /// A scale for latencies: by decades when they span more than one and a half, else from zero.
    static func latency(smallest: Double, largest: Double) -> PlotScale {
        guard smallest > 0, largest / smallest > 30 else { return linear(for: largest) }
        return .logarithmic(minimum: smallest / 1.2, maximum: largest * 1.2)
    }

    /// Where `value` is, 0 to 1.
    func position(of value: Double) -> Double {
        let position: Double
        switch self {
        case .linear(let maximum): position = value / maximum
        case .logarithmic(let minimum, let maximum):
            position = log(max(value, minimum) / minimum) / log(maximum / minimum)
        }
        return min(1, max(0, position))
    }

    /// Values that get a line and a label.
    var ticks: [Double] {
        switch self {
        case .linear(let maximum): return (0...4).map { maximum / 4 * Double($0) }
        case .logarithmic(let minimum, let maximum):
            // Powers of ten; between them 2 and 5 while there is room.
            let decades = log10(maximum / minimum)
            let factors: [Double] = decades > 5 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5]
            return (-3...12).flatMap { exponent in
                factors.map { $0 * pow(10, Double(exponent)) }
            }.filter { $0 >= minimum && $0 <= maximum }
        }
    }

    /// A quarter of a scale that ends at or above `largest`: a short number times a power of ten.
    private static func step(for largest: Double) -> Double {
        guard largest > 0 else { return 0.25 }
        let exact = largest / 4
        let power = pow(10, log10(exact).rounded(.down))
        return
            ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].first { $0 * power >= exact * (1 - 1e-9) } ?? 10)
            * power
    }
}

/// An SVG chart with axes, drawn with the page's colours: classes, no styles of its own.
struct SVGPlot {
    static let width = 880.0
    let height: Double
    private let left = 66.0
    private let right = 16.0
    private let top = 14.0
    private let bottom = 34.0
    private var content = ""

    /// An empty chart.
    init(height: Double = 270) { self.height = height }

    /// Places inside the axes, from shares of their length.
    func x(_ share: Double) -> Double { left + share * (Self.width - left - right) }
    func y(_ share: Double) -> Double { height - bottom - share * (height - top - bottom) }

    /// Lines and labels of the vertical axis.
    mutating func drawVerticalAxis(_ scale: PlotScale, label: (Double) -> String) {
        for tick in scale.ticks {
            let place = y(scale.position(of: tick))
            content += "<line class=\"grid\" x1=\"\(n(x(0)))\" x2=\"\(n(x(1)))\" "
            content += "y1=\"\(n(place))\" y2=\"\(n(place))\"/>"
            content += text(label(tick), x(0) - 10, place + 4, anchor: "end")
        }
    }

    /// The base line and the labels below it.
    mutating func drawHorizontalAxis(_ labels: [(share: Double, text: String)], title: String) {
        content += "<line class=\"base\" x1=\"\(n(x(0)))\" x2=\"\(n(x(1)))\" "
        content += "y1=\"\(n(y(0)))\" y2=\"\(n(y(0)))\"/>"
        for label in labels {
            let anchor = label.share > 0.97 ? "end" : label.share < 0.02 ? "start" : "middle"
            content += text(label.text, x(label.share), y(0) + 17, anchor: anchor)
        }
        content += text(title, x(0.5), height - 2, anchor: "middle", kind: "axis")
    }

    /// A line through points given as shares.
    mutating func drawLine(_ points: [(x: Double, y: Double)], kind: String) {
        guard !points.isEmpty else { return }
        let places = points.map { "\(n(x($0.x))),\(n(y($0.y)))" }.joined(separator: " ")
        content += "<polyline class=\"line \(kind)\" points=\"\(places)\"/>"
        guard points.count <= 40 else { return }
        for point in points {
            content += "<circle class=\"dot \(kind)\" cx=\"\(n(x(point.x)))\" "
            content += "cy=\"\(n(y(point.y)))\" r=\"2.6\"/>"
        }
    }

    /// The area between points and the base line.
    mutating func drawArea(_ points: [(x: Double, y: Double)], kind: String) {
        guard let first = points.first, let last = points.last else { return }
        let places = points.map { "L\(n(x($0.x))) \(n(y($0.y)))" }.joined()
        content += "<path class=\"area \(kind)\" d=\"M\(n(x(first.x))) \(n(y(0)))\(places)"
        content += "L\(n(x(last.x))) \(n(y(0)))Z\"/>"
    }

    /// A bar from the base line, between two shares of the width.
    mutating func drawBar(from start: Double, to end: Double, height share: Double, kind: String) {
        guard share > 0 else { return }
        let barHeight = max(1.5, y(0) - y(share))
        content += "<rect class=\"bar \(kind)\" x=\"\(n(x(start) + 0.5))\" "
        content += "y=\"\(n(y(0) - barHeight))\" width=\"\(n(max(1, x(end) - x(start) - 1)))\" "
        content += "height=\"\(n(barHeight))\"/>"
    }

    /// A dashed vertical line with a label at its top; `row` moves the label down.
    mutating func drawMarker(at share: Double, label: String, row: Int) {
        let isRight = share > 0.85
        content += "<line class=\"marker\" x1=\"\(n(x(share)))\" x2=\"\(n(x(share)))\" "
        content += "y1=\"\(n(top))\" y2=\"\(n(y(0)))\"/>"
        content += text(
            label, x(share) + (isRight ? -6 : 6), top + 10 + Double(row) * 15,
            anchor: isRight ? "end" : "start", kind: "mark")
    }

    /// A part of the width that shows `tip` under the pointer.
    mutating func drawTip(from start: Double, to end: Double, _ tip: String) {
        content += "<rect class=\"tip\" x=\"\(n(x(start)))\" y=\"\(n(y(1)))\" "
        content += "width=\"\(n(max(1, x(end) - x(start))))\" height=\"\(n(y(0) - y(1)))\">"
        content += "<title>\(HTML.escaped(tip))</title></rect>"
    }

    /// The chart as an element, described for those who cannot see it.
    func element(description: String) -> String {
        "<svg viewBox=\"0 0 \(n(Self.width)) \(n(height))\" role=\"img\" "
            + "aria-label=\"\(HTML.escaped(description))\">\(content)</svg>"
    }

    private func text(
        _ text: String, _ x: Double, _ y: Double, anchor: String, kind: String = "tick"
    ) -> String {
        "<text class=\"\(kind)\" x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\">"
            + HTML.escaped(text) + "</text>"
    }

    /// A coordinate: a tenth of a unit is less than a pixel.
    private func n(_ value: Double) -> String { Format.fixed(value, 1) }
}

/// Text inside a page.
enum HTML {
    /// Text with the characters that mean something replaced.
    static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            default: String(character)
            }
        }.joined()
    }
}
