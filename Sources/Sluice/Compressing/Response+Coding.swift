internal import Containers
internal import HTTP1
internal import HTTPEngine

// What compression asks of an answer, and does to its head.

extension Response {
    /// How long the body will be; `nil` where it is streamed without a promise. A body that is a file,
    /// or a file's content, counts as none.
    var knownByteCount: Int? {
        if message.sendsFile || message.sharedBody != nil { return 0 }
        return isBeginning || message.isStream ? message.streamLength : message.body.count
    }

    /// Says that the answer depends on `Accept-Encoding`. Allocates only beside another `Vary`.
    mutating func addVaryByEncoding() {
        if hasField("vary".utf8.span) {
            addVary(["Accept-Encoding"])
        } else {
            message.appendField("Vary", "Accept-Encoding")
        }
    }

    /// Makes the head that of a body in gzip: what holds for the plain bytes goes.
    mutating func becomeGzip() {
        message.appendField("Content-Encoding", "gzip")
        message.removeField(name: "accept-ranges".utf8.span)
        weakenETag()
    }

    /// Makes a strong entity tag weak: the same content in other bytes (RFC 9110 §8.8.1).
    private mutating func weakenETag() {
        guard let tag = strongETag() else { return }
        message.removeField(name: "etag".utf8.span)
        // The handler's own value, behind two letters.
        try? message.appendField(name: "ETag".utf8.span, value: (Array("W/".utf8) + tag).span)
    }

    private func strongETag() -> [UInt8]? {
        guard let range = valueRange(of: "etag".utf8.span),
            message.fields.span[range.lowerBound] == UInt8(ascii: "\"")
        else { return nil }
        return Array(copying: message.fields.span.extracting(range))
    }

    /// A 304 names what the client has: where that is the weak form of the handler's tag, as it was
    /// sent with a body in gzip, so is this, and the answer depends on `Accept-Encoding` as that did
    /// (RFC 9110 §15.4.5).
    mutating func keepValidator(for request: borrowing Request) {
        guard let tag = strongETag() else { return }
        let weak = Array("W/".utf8) + tag
        var start = 0
        while let index = request.fields.index(of: "if-none-match", from: start) {
            let value = request.fields.valueBytes(at: index)
            if value.hasElement(weak.span, in: 0..<value.count) {
                weakenETag()
                addVaryByEncoding()
                return
            }
            start = index + 1
        }
    }

    /// Takes the body out. Copies it.
    mutating func takeBody() -> [UInt8] {
        let body = Array(copying: message.body.span)
        message.body.removeAll()
        return body
    }
}
