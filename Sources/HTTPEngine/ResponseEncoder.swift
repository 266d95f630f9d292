internal import Containers
internal import HTTP1

/// Writes answers into a send buffer (RFC 9112 §4–§7). Two parts, because an answer that waits for
/// others learns only at the end whether it is the connection's last:
///
///     HTTP/1.1 200 OK                 opening: status line, stamp, connection fields
///     Date: …
///     Server: …
///     Connection: close
///     Content-Type: …                 remainder: the handler's fields, framing, body
///     Content-Length: 13
///
///     Hello, World!
enum ResponseEncoder {
    static func appendOpening(
        of context: ExchangeContext, reason: Span<UInt8>, keepAlive: KeepAliveOffer,
        stamp: borrowing ResponseStamp, to output: inout ByteBuffer
    ) {
        stamp.appendOpening(of: context, reason: reason, to: &output)
        if context.closes {
            output.append("Connection: close\r\n")
        } else if context.wantsKeepAliveField {
            keepAlive.append(to: &output)
        }
    }

    /// Appends fields, framing and body. What a status or a method forbids is left out:
    /// no body and no length on 204, no body on 304 and HEAD (RFC 9110 §6.4.1, §8.6).
    ///
    /// - Parameter shared: The body, if the message has none of its own.
    static func appendRemainder(
        of message: borrowing ResponseMessage, _ context: ExchangeContext,
        shared: [UInt8]? = nil, to output: inout ByteBuffer
    ) {
        let hasLength = !context.isStream && !context.hasNoLength
        if hasLength && !message.hasFields {
            // The usual answer: its type and the name of its length in one piece.
            output.append(message.contentType.fieldLineBeforeLength)
        } else {
            output.append(message.contentType.fieldLine)
            if message.hasFields { output.append(message.fields.span) }
            if hasLength { output.append("Content-Length: ") }
        }
        if context.isStream {
            appendStreamFraming(context, to: &output)
            return
        }
        switch context.status {
        case 204, 304:
            output.append("\r\n")
        case 205:
            output.append("0\r\n\r\n")
        default:
            if let shared {
                output.append(decimal: shared.count)
                output.append("\r\n\r\n")
                return
            }
            output.append(decimal: message.body.count)
            output.append("\r\n\r\n")
            if !context.isHead {
                output.append(message.body.span)
            }
        }
    }
}

extension ResponseEncoder {
    private static func appendStreamFraming(
        _ context: ExchangeContext, to output: inout ByteBuffer
    ) {
        if context.announcedLength >= 0 {
            output.append("Content-Length: ")
            output.append(decimal: context.announcedLength)
            output.append("\r\n\r\n")
        } else {
            output.append(context.isHTTP10 ? "\r\n" : "Transfer-Encoding: chunked\r\n\r\n")
        }
    }
}

/// What `Keep-Alive` promises: how long the connection may idle, how many requests may follow.
struct KeepAliveOffer {
    /// 0: no limit.
    let timeoutSeconds: Int
    /// `nil`: no limit.
    let remainingRequests: Int?

    func append(to output: inout ByteBuffer) {
        output.append("Connection: keep-alive\r\n")
        guard timeoutSeconds > 0 || remainingRequests != nil else { return }
        output.append("Keep-Alive: ")
        if timeoutSeconds > 0 {
            output.append("timeout=")
            output.append(decimal: timeoutSeconds)
        }
        if let remainingRequests {
            output.append(timeoutSeconds > 0 ? ", max=" : "max=")
            output.append(decimal: remainingRequests)
        }
        output.append("\r\n")
    }
}
