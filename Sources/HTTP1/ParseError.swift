/// What a peer did wrong, where, and which status a server answers it with.
package struct ParseError: Error, Equatable, Sendable {
    package let kind: Kind
    /// Offset in the parsed span of the byte that was refused, or of the end of the part in which
    /// something is missing.
    package let offset: Int

    /// A fault of this kind at this offset.
    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// The status that a server answers with.
    package var status: Int { kind.status }
    /// A few words for the body of that answer and the log.
    package var reason: StaticString { kind.reason }

    /// What is wrong. Each is named after what was found.
    package enum Kind: UInt8, CaseIterable, Sendable {
        // Request line (RFC 9112 §3).

        /// More than two empty lines before the request line (RFC 9112 §2.2 asks for one).
        case tooManyEmptyLines
        /// A byte that is no `tchar` in the method, or no method at all.
        case invalidMethod
        /// A method token above `RequestParser.maxMethodLength`: nothing implements it.
        case methodTooLong
        /// A byte that RFC 3986 does not allow in a target, a broken `%`, an empty target, or an
        /// absolute-form that is not `http` or `https` with a host.
        case invalidTarget
        /// The target is longer than `RequestParser.Limits.maxTargetLength`.
        case targetTooLong
        /// A form of target that its method does not have (RFC 9112 §3.2.3, §3.2.4).
        case targetFormNotAllowed
        /// The line ends after the target, as HTTP/0.9 had it.
        case missingVersion
        /// What stands in place of the version is not `HTTP/` DIGIT `.` DIGIT.
        case malformedVersion
        /// A well-formed version whose major number is not 1.
        case unsupportedVersion

        // Status line (RFC 9112 §4).

        /// Not three digits from 100 up after the version, or a control byte in the reason.
        case malformedStatusLine

        // Field lines (RFC 9112 §5).

        /// CR that no LF follows.
        case bareCarriageReturn
        /// LF that no CR precedes.
        case bareLineFeed
        /// A control byte other than HTAB in a field value.
        case controlByteInValue
        /// A line that begins with SP or HTAB (obs-fold).
        case obsoleteLineFolding
        /// SP or HTAB between the name and the colon.
        case spaceBeforeColon
        /// A line that begins with a colon.
        case emptyFieldName
        /// A byte that is no `tchar` in a field name, or no colon behind it.
        case invalidFieldName
        /// The head is longer than its limit.
        case headTooLarge
        /// More than `FieldSection.maxCount` field lines.
        case tooManyFields

        // Meaning of fields.

        /// HTTP/1.1 without `Host` (RFC 9112 §3.2).
        case missingHost
        case duplicateHost
        /// Not `uri-host [ ":" port ]` (RFC 9110 §7.2).
        case invalidHost
        /// Not `1*DIGIT`, or above `Int.max`.
        case invalidContentLength
        case duplicateContentLength
        case contentLengthWithTransferEncoding
        /// Not a list of codings that ends with the only `chunked` (RFC 9112 §6.1).
        case invalidTransferEncoding
        /// Well formed, but with a coding before `chunked` that nothing here decodes.
        case unsupportedTransferCoding
        /// A message of HTTP/1.0 with `Transfer-Encoding` has faulty framing (RFC 9112 §6.1).
        case transferEncodingInHTTP10
        /// Not a list of tokens.
        case invalidConnection

        // Chunked body (RFC 9112 §7.1).

        /// No hexadecimal digit where the size begins, or another byte than CR or `;` behind it.
        case invalidChunkSize
        /// A size of more than 16 digits or above `Int.max`.
        case chunkSizeTooLarge
        /// A control byte in a chunk extension.
        case invalidChunkExtension
        /// More bytes of extensions in the body than `ChunkedDecoder.maxExtensionBytes`.
        case chunkExtensionsTooLong
        /// No CRLF where a chunk's data end.
        case missingChunkEnd
        /// More lines or bytes of trailers than `ChunkedDecoder` allows.
        case trailerSectionTooLarge

        /// The status that a server answers with; it closes the connection behind it.
        package var status: Int {
            switch self {
            case .targetTooLong: 414
            case .headTooLarge, .tooManyFields: 431
            case .methodTooLong, .unsupportedTransferCoding: 501
            case .unsupportedVersion: 505
            case .chunkSizeTooLarge: 413
            case .tooManyEmptyLines, .invalidMethod, .invalidTarget, .targetFormNotAllowed,
                .missingVersion, .malformedVersion, .malformedStatusLine, .bareCarriageReturn,
                .bareLineFeed, .controlByteInValue, .obsoleteLineFolding, .spaceBeforeColon,
                .emptyFieldName, .invalidFieldName, .missingHost, .duplicateHost, .invalidHost,
                .invalidContentLength, .duplicateContentLength,
                .contentLengthWithTransferEncoding, .invalidTransferEncoding,
                .transferEncodingInHTTP10, .invalidConnection, .invalidChunkSize,
                .invalidChunkExtension, .chunkExtensionsTooLong, .missingChunkEnd,
                .trailerSectionTooLarge:
                400
            }
        }

        /// A few words for the body of the answer and the log. They repeat nothing of the input.
        package var reason: StaticString {
            switch self {
            case .tooManyEmptyLines: "too many empty lines before the request"
            case .invalidMethod: "invalid method"
            case .methodTooLong: "method too long"
            case .invalidTarget: "invalid request target"
            case .targetTooLong: "request target too long"
            case .targetFormNotAllowed: "request target does not fit the method"
            case .missingVersion: "missing HTTP version"
            case .malformedVersion: "malformed HTTP version"
            case .unsupportedVersion: "unsupported HTTP version"
            case .malformedStatusLine: "malformed status line"
            case .bareCarriageReturn: "CR without LF"
            case .bareLineFeed: "LF without CR"
            case .controlByteInValue: "control byte in a field value"
            case .obsoleteLineFolding: "folded field line"
            case .spaceBeforeColon: "space before the colon of a field line"
            case .emptyFieldName: "empty field name"
            case .invalidFieldName: "invalid field name"
            case .headTooLarge: "header section too large"
            case .tooManyFields: "too many header fields"
            case .missingHost: "missing Host"
            case .duplicateHost: "more than one Host"
            case .invalidHost: "invalid Host"
            case .invalidContentLength: "invalid Content-Length"
            case .duplicateContentLength: "more than one Content-Length"
            case .contentLengthWithTransferEncoding: "Content-Length with Transfer-Encoding"
            case .invalidTransferEncoding: "invalid Transfer-Encoding"
            case .unsupportedTransferCoding: "unsupported transfer coding"
            case .transferEncodingInHTTP10: "Transfer-Encoding in HTTP/1.0"
            case .invalidConnection: "invalid Connection"
            case .invalidChunkSize: "invalid chunk size"
            case .chunkSizeTooLarge: "chunk too large"
            case .invalidChunkExtension: "invalid chunk extension"
            case .chunkExtensionsTooLong: "chunk extensions too long"
            case .missingChunkEnd: "missing CRLF after chunk data"
            case .trailerSectionTooLarge: "trailer section too large"
            }
        }
    }
}
