internal import HTTP1
internal import HTTPEngine

/// What a client says about gzip (RFC 9110 §12.5.3).
enum GzipWish {
    /// It does not take gzip, or would rather have none.
    case unwanted
    case wanted
    /// It takes gzip, and not what has no coding.
    case demanded
}

extension Request {
    /// What the client says about gzip: wanted unless its weight is below that of `identity`, which
    /// is acceptable unless it is ruled out. Without `Accept-Encoding`, unwanted. `x-gzip` is the
    /// same coding. As `preferredEncoding`, without allocating.
    var gzipWish: GzipWish {
        var list = WeightedList(view, named: "accept-encoding")
        var (gzip, identity, general): (Int?, Int?, Int?) = (nil, nil, nil)
        while let element = list.next() {
            let coding = list.bytes.extracting(element.value)
            if coding.count == 1, coding[0] == UInt8(ascii: "*") {
                general = general ?? element.weight
            } else if coding.equalsIgnoringCase("gzip") || coding.equalsIgnoringCase("x-gzip") {
                gzip = gzip ?? element.weight
            } else if coding.equalsIgnoringCase("identity") {
                identity = identity ?? element.weight
            }
        }
        // Not listed, no coding is acceptable, but only as the last resort.
        let plainWeight = identity ?? general ?? 1
        let gzipWeight = gzip ?? general ?? 0
        guard gzipWeight > 0, gzipWeight >= plainWeight else { return .unwanted }
        return plainWeight == 0 ? .demanded : .wanted
    }
}
