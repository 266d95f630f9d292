// The request target (RFC 9112 §3.2): first one scan that finds its end, then a closer look at the
// forms that are not `/path?query`.

extension RequestHead {
    /// Sets a target that is a path of plain bytes and nothing else.
    @inline(always)
    mutating func setPlainPath(_ range: ByteRange) {
        target = range
        path = range
        targetForm = .origin
    }

    /// Reads the target at `start` up to the space behind it, and returns the offset of that; nil
    /// when the bytes end before it. Whether its form fits the method is left to `checkTarget`, so
    /// that a version that is not ours is answered as such.
    mutating func parseTarget(
        _ bytes: Span<UInt8>, from start: Int, _ limits: RequestParser.Limits
    ) throws(ParseError) -> Int? {
        guard start < bytes.count else { return nil }
        let isOrigin = bytes[start] == .ascii("/")
        var allowed = isOrigin ? ByteSet.path : ByteSet.absoluteTarget
        var queryMark: Int?
        var offset = start
        while true {
            offset = bytes.end(of: CommonTargetBytes.self, from: offset)
            guard offset &- start <= limits.maxTargetLength else {
                throw ParseError(.targetTooLong, at: start + limits.maxTargetLength)
            }
            guard offset < bytes.count else { return nil }
            let byte = bytes[offset]
            if byte == .space { break }
            if byte == .ascii("%") {
                guard try bytes.checkPercentEncoding(at: offset) else { return nil }
                offset &+= 3
                continue
            }
            if byte == .ascii("?") && queryMark == nil {
                queryMark = offset
                allowed = .query
            } else if !allowed.contains(byte) {
                throw bytes.faultInTarget(at: offset)
            }
            offset &+= 1
        }
        guard offset > start else { throw ParseError(.invalidTarget, at: start) }
        target = ByteRange(from: start, to: offset)
        targetForm = .origin
        if let queryMark {
            hasQuery = true
            query = ByteRange(from: queryMark &+ 1, to: offset)
        }
        if isOrigin { path = ByteRange(from: start, to: queryMark ?? offset) }
        return offset
    }

    /// Decides which form the target has and whether the method may have it. `parseTarget` has
    /// checked all bytes and set the query; path and authority of the rarer forms are set here.
    @inline(always)
    mutating func checkTarget(_ bytes: Span<UInt8>) throws(ParseError) {
        let isOrigin = !path.isEmpty
        if isOrigin && method != .connect { return }
        try checkRareTarget(bytes)
    }

    private mutating func checkRareTarget(_ bytes: Span<UInt8>) throws(ParseError) {
        let text = bytes.extracting(target)
        let start = target.startOffset
        if method == .connect {
            guard Authority.isValidTunnelTarget(text) else {
                let isOther = text[0] == .ascii("/") || text[0] == .ascii("*")
                throw ParseError(isOther ? .targetFormNotAllowed : .invalidTarget, at: start)
            }
            targetForm = .authority
            authority = target
        } else if text.count == 1 && text[0] == .ascii("*") {
            guard method == .options else { throw ParseError(.targetFormNotAllowed, at: start) }
            targetForm = .asterisk
        } else {
            try splitAbsoluteForm(text)
        }
    }

    /// `("http" / "https") "://" host [ ":" port ] path-abempty [ "?" query ]`, the scheme in any
    /// case (RFC 9110 §4.2).
    private mutating func splitAbsoluteForm(_ text: Span<UInt8>) throws(ParseError) {
        let start = target.startOffset
        let pathEnd = hasQuery ? query.startOffset - 1 - start : text.count
        guard let hostStart = text.endOfHTTPScheme, hostStart <= pathEnd else {
            throw ParseError(.invalidTarget, at: start)
        }
        var hostEnd = hostStart
        while hostEnd < pathEnd, text[hostEnd] != .ascii("/") { hostEnd &+= 1 }
        let host = text.extracting(hostStart..<hostEnd)
        // A recipient must refuse an empty host (RFC 9110 §4.2.1); one that is only a port, too.
        guard !host.isEmpty, Authority.isValidHost(host) else {
            throw ParseError(.invalidTarget, at: start + hostStart)
        }
        for index in hostEnd..<pathEnd
        where text[index] == .ascii("[") || text[index] == .ascii("]") {
            throw ParseError(.invalidTarget, at: start + index)
        }
        targetForm = .absolute
        authority = ByteRange(from: start + hostStart, to: start + hostEnd)
        path = ByteRange(from: start + hostEnd, to: start + pathEnd)
    }
}

extension Span where Element == UInt8 {
    /// The offset behind `http://` or `https://`; nil when the bytes begin with neither.
    fileprivate var endOfHTTPScheme: Int? {
        if count >= 7, extracting(0..<7).equalsIgnoringCase("http://") { return 7 }
        if count >= 8, extracting(0..<8).equalsIgnoringCase("https://") { return 8 }
        return nil
    }

    /// Whether two hexadecimal digits follow the `%` at `offset`; false when the bytes end too early
    /// to tell.
    fileprivate func checkPercentEncoding(at offset: Int) throws(ParseError) -> Bool {
        for index in offset &+ 1...offset &+ 2 {
            guard index < count else { return false }
            guard self[index].hexadecimalValue != nil else {
                throw ParseError(.invalidTarget, at: index)
            }
        }
        return true
    }

    /// What a byte that ends a target is called.
    fileprivate func faultInTarget(at offset: Int) -> ParseError {
        switch self[offset] {
        case .carriageReturn: ParseError(.missingVersion, at: offset)
        case .lineFeed: ParseError(.bareLineFeed, at: offset)
        default: ParseError(.invalidTarget, at: offset)
        }
    }
}
