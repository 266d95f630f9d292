internal import HTTP1
internal import HTTPEngine

/// A content coding in which a file can lie beside itself.
enum StaticCoding: CaseIterable, Sendable {
    /// None: the file as it is.
    case identity
    /// `.br` (RFC 7932)
    case brotli
    /// `.zst` (RFC 8878)
    case zstandard
    /// `.gz` (RFC 1952)
    case gzip

    /// The codings, the best first: of those that a client likes the same, the first is sent.
    static let siblings: [StaticCoding] = [.brotli, .zstandard, .gzip]

    /// The name in `Content-Encoding`, in lower case; `nil`: there is nothing to say.
    var name: StaticString? {
        switch self {
        case .identity: nil
        case .brotli: "br"
        case .zstandard: "zstd"
        case .gzip: "gzip"
        }
    }

    /// What the name of such a sibling ends with.
    var suffix: StaticString {
        switch self {
        case .identity: ""
        case .brotli: ".br"
        case .zstandard: ".zst"
        case .gzip: ".gz"
        }
    }
}

/// How much a client likes each coding (RFC 9110 §12.5.3), in thousandths. Allocates nothing.
struct CodingWeights {
    private var brotli: Int?
    private var zstandard: Int?
    private var gzip: Int?
    private var identity: Int?
    private var others: Int?
    private var isPresent: Bool

    init(_ view: RequestView) {
        var list = WeightedList(view, named: "accept-encoding")
        isPresent = list.isPresent
        while let element = list.next() {
            let name = list.bytes.extracting(element.value)
            if name.equalsIgnoringCase("br") {
                brotli = brotli ?? element.weight
            } else if name.equalsIgnoringCase("zstd") {
                zstandard = zstandard ?? element.weight
            } else if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") {
                gzip = gzip ?? element.weight
            } else if name.equalsIgnoringCase("identity") {
                identity = identity ?? element.weight
            } else if name.equalsIgnoringCase("*") {
                others = others ?? element.weight
            }
        }
    }

    /// 0: it is not wanted.
    func weight(of coding: StaticCoding) -> Int {
        switch coding {
        case .brotli: brotli ?? others ?? 0
        case .zstandard: zstandard ?? others ?? 0
        case .gzip: gzip ?? others ?? 0
        // Not listed, it is acceptable, but only as the last resort.
        case .identity: identity ?? others ?? 1
        }
    }

    /// What to send of a file: the coding that is liked best, unless none is liked as much. A client
    /// that wants nothing of what there is gets the file as it is, which is more use to it than an
    /// error (RFC 9110 §12.1 leaves that to us).
    func choose(among representations: [StaticRepresentation]) -> Int {
        guard isPresent else { return 0 }
        var best = (index: 0, weight: 0)
        for index in representations.indices.dropFirst() {
            let weight = weight(of: representations[index].coding)
            if weight > best.weight { best = (index, weight) }
        }
        return weight(of: .identity) > best.weight ? 0 : best.index
    }
}
