extension RouteTable {
    /// The path that a client may have meant by one that matches nothing: with single slashes, and
    /// without or with one at its end, whichever matches a route that redirects. `nil` when none
    /// does. Allocates: for answers that refuse.
    func cleanPath(for path: [UInt8]) -> [UInt8]? {
        let slash = UInt8(ascii: "/")
        var plain: [UInt8] = []
        for segment in path.split(separator: slash) { plain += [slash] + segment }
        for candidate in [plain, plain + [slash]] where candidate != path && !candidate.isEmpty {
            if allRows(of: candidate.span).contains(where: { rows[$0].redirects }) {
                return candidate
            }
        }
        return nil
    }
}
