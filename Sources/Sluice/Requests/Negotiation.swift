internal import HTTP1
internal import HTTPEngine

// Which of several representations a client would rather have (RFC 9110 §12.5). All of these look at
// no more than `WeightedList.maxCount` elements, and allocate.

extension Request {
    /// The media type that the client likes best among those that there are; the first of those that
    /// it likes the same. Without `Accept`, the first.
    ///
    ///     switch request.preferredType(of: ["application/json", "text/html"]) { ... }
    ///
    /// For each type the most specific range counts: with its parameters, exact, `text/*`, `*/*`
    /// (RFC 9110 §12.5.1).
    ///
    /// - Returns: `nil` when it wants none of them: an answer could say 406.
    public func preferredType(of types: [String]) -> String? {
        guard WeightedList(view, named: "accept").isPresent else { return types.first }
        return Self.best(of: types) { type in
            guard let type = MediaType(type) else { return 0 }
            return weight { bytes, element in
                type.specificity(of: element, in: bytes)
            }
        }
    }

    /// The language that the client likes best among those that there are; the first of those that
    /// it likes the same. Without `Accept-Language`, the first.
    ///
    /// A range covers the languages that begin with it (`de` covers `de-CH`; RFC 4647 §3.3.1), and,
    /// where none does, the more general one that it begins with (`de-CH` takes `de`; §3.4).
    ///
    /// - Returns: `nil` when it wants none of them. It is better to answer in some language then
    ///   than not at all (RFC 9110 §12.5.4).
    public func preferredLanguage(of languages: [String]) -> String? {
        guard WeightedList(view, named: "accept-language").isPresent else {
            return languages.first
        }
        return Self.best(of: languages) { language in
            weight(named: "accept-language") { bytes, element in
                Self.specificity(
                    ofLanguageRange: bytes.extracting(element.value), for: language.utf8.span)
            }
        }
    }

    /// The content coding that the client likes best among those that there are, `identity`
    /// included, which always is: no coding at all. A coding wins over `identity` unless it has the
    /// lower weight (RFC 9110 §12.5.3). Without `Accept-Encoding`, `identity`.
    ///
    ///     if request.preferredEncoding(of: ["gzip"]) == "gzip" { ... }
    ///
    /// - Parameter codings: In lower case, such as `gzip`; `x-gzip` of a client means the same.
    /// - Returns: `nil` when it wants none of them, and not even `identity`.
    public func preferredEncoding(of codings: [String]) -> String? {
        let name: StaticString = "accept-encoding"
        guard WeightedList(view, named: name).isPresent else { return "identity" }
        var best: (coding: String, weight: Int)?
        for coding in codings where coding != "identity" {
            let weight = encodingWeight(of: coding) ?? 0
            if weight > (best?.weight ?? 0) { best = (coding, weight) }
        }
        // Not listed, it is acceptable, but only as the last resort.
        let identity = encodingWeight(of: "identity") ?? 1
        if identity > (best?.weight ?? 0) { return "identity" }
        return best?.coding
    }

    /// The weight of the element that names a coding, else that of `*`; `nil` without either.
    private func encodingWeight(of coding: String) -> Int? {
        var list = WeightedList(view, named: "accept-encoding")
        var general: Int?
        while let element = list.next() {
            let value = String(copying: list.bytes.extracting(element.value)).lowercased()
            if value == coding || value == "x-\(coding)" { return element.weight }
            if value == "*" { general = general ?? element.weight }
        }
        return general
    }

    /// The weight of the element that fits most specifically; 0 when none fits.
    private func weight(
        named name: StaticString = "accept",
        _ specificity: (Span<UInt8>, WeightedList.Element) -> Int?
    ) -> Int {
        var list = WeightedList(view, named: name)
        var best: (specificity: Int, weight: Int) = (-1, 0)
        while let element = list.next() {
            guard let specificity = specificity(list.bytes, element),
                specificity > best.specificity
            else { continue }
            best = (specificity, element.weight)
        }
        return best.weight
    }

    /// The offer with the highest weight above 0, the first of several.
    private static func best(of offers: [String], weight: (String) -> Int) -> String? {
        var best: (offer: String, weight: Int)?
        for offer in offers {
            let weight = weight(offer)
            if weight > (best?.weight ?? 0) { best = (offer, weight) }
        }
        return best?.offer
    }

    /// How specifically a range fits a language; `nil`: not at all.
    static func specificity(
        ofLanguageRange range: Span<UInt8>, for language: Span<UInt8>
    ) -> Int? {
        if range.count == 1, range[0] == UInt8(ascii: "*") { return 0 }
        if range.isSubtagPrefix(of: language) { return 1_000 + range.count }
        if language.isSubtagPrefix(of: range) { return 1 + language.count }
        return nil
    }
}

extension MediaType {
    /// How specifically a media range fits this type; `nil`: not at all.
    fileprivate func specificity(
        of element: WeightedList.Element, in bytes: Span<UInt8>
    ) -> Int? {
        let range = String(copying: bytes.extracting(element.value))
        guard !range.contains("*+"), matches(range) else { return nil }
        if range == "*/*" { return 0 }
        if range.hasSuffix("/*") { return 1 }
        guard
            let wanted = MediaType(
                "\(range);\(String(copying: bytes.extracting(element.parameters)))")
        else { return nil }
        for parameter in wanted.parameters {
            guard self[parameter.name]?.lowercased() == parameter.value.lowercased() else {
                return nil
            }
        }
        return 2 + wanted.parameters.count
    }
}

extension Span where Element == UInt8 {
    /// Whether the other tag begins with the subtags of this one, without regard to case.
    fileprivate func isSubtagPrefix(of other: Span<UInt8>) -> Bool {
        guard !isEmpty, count <= other.count, isSameName(as: other.extracting(first: count)) else {
            return false
        }
        return count == other.count || other[count] == UInt8(ascii: "-")
    }
}
