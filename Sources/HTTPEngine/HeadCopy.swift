internal import Containers

/// The head of an answer that has been begun, copied out of its message.
package struct HeadCopy: Sendable {
    fileprivate let status: Int
    fileprivate let fields: [UInt8]
    fileprivate let ownFields: OwnFields
    fileprivate let reason: [UInt8]
    fileprivate let contentType: ContentType
    fileprivate let closesConnection: Bool

    /// Copies what the message holds, without its body.
    package init(_ message: borrowing ResponseMessage) {
        status = message.status
        fields = Array(copying: message.fields.span)
        ownFields = message.ownFields
        reason = Array(copying: message.reason)
        contentType = message.contentType
        closesConnection = message.closesConnection
    }
}

extension ResponseMessage {
    /// Begins an empty message as another one did.
    package mutating func begin(as head: HeadCopy) {
        status = head.status
        begin(with: head.fields, head.ownFields, reason: head.reason)
        contentType = head.contentType
        closesConnection = head.closesConnection
    }
}
