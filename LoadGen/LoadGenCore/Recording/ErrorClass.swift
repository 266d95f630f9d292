internal import Presentation

/// What kept a request from a valid answer. Every failed request is in exactly one class.
package enum ErrorClass: Int, CaseIterable, Sendable {
    /// Nobody listens there (ECONNREFUSED).
    case connectRefused
    /// No connection within the connect timeout.
    case connectTimeout
    /// Any other failure to connect.
    case connectOther
    /// This machine has no client port left (EADDRNOTAVAIL): never the server's fault.
    case portsExhausted
    /// Sending failed.
    case write
    /// Receiving failed, other than by a reset.
    case read
    /// The server reset the connection (ECONNRESET, EPIPE).
    case reset
    /// The server closed in the middle of an answer, or before one that it owed.
    case earlyEnd
    /// No answer within the timeout.
    case timeout
    /// The answer is not HTTP.
    case parse
    /// The answer has a status that is not valid here.
    case status
    /// The answer's body, or its length, is not what was expected.
    case bodyMismatch
    /// Bytes came when nothing was outstanding.
    case unexpectedBytes
    /// An open loop was too late to send the request at all.
    case deadline

    /// The name in JSON, CSV and metrics.
    package var key: String {
        switch self {
        case .connectRefused: "connect_refused"
        case .connectTimeout: "connect_timeout"
        case .connectOther: "connect_other"
        case .portsExhausted: "client_ports"
        case .write: "write"
        case .read: "read"
        case .reset: "reset"
        case .earlyEnd: "early_end"
        case .timeout: "timeout"
        case .parse: "parse"
        case .status: "status"
        case .bodyMismatch: "body_mismatch"
        case .unexpectedBytes: "unexpected_bytes"
        case .deadline: "deadline"
        }
    }

    /// The name for people.
    package var label: String { key.map { $0 == "_" ? " " : String($0) }.joined() }

    /// The class of a failed connect with this errno.
    package static func connectFailure(errno: Int32) -> ErrorClass {
        switch errno {
        case 111: .connectRefused
        case 110: .connectTimeout
        case 99: .portsExhausted
        default: .connectOther
        }
    }

    /// The class of a failed receive with this errno.
    package static func readFailure(errno: Int32) -> ErrorClass {
        errno == 104 || errno == 32 ? .reset : .read
    }

    /// The class of a failed send with this errno.
    package static func writeFailure(errno: Int32) -> ErrorClass {
        errno == 104 || errno == 32 ? .reset : .write
    }
}

/// The first error of a class, as plain integers: its text is made when it is reported.
package struct ErrorExample: Sendable, Equatable {
    /// Its class.
    package var errorClass: ErrorClass
    /// What explains it: an errno for connect, write, read and reset; the status for `status`;
    /// a number of bytes for early ends, mismatches and unexpected bytes; else 0.
    package var detail: Int
    /// Which connection, counted from 0 over all threads.
    package var connection: Int
    /// Nanoseconds from the start of the measured part; 0 when it was before.
    package var time: UInt64

    /// One line: `ECONNRESET, connection 17 at 3.2 s`.
    package var description: String {
        let cause: String? =
            switch errorClass {
            case .connectRefused, .connectOther, .portsExhausted, .write, .read, .reset:
                detail == 0 ? nil : ErrorNumber.name(detail)
            case .connectTimeout, .timeout, .deadline: nil
            case .earlyEnd: "after \(Format.grouped(detail)) bytes of the answer"
            case .parse: "at byte \(Format.grouped(detail)) of the answer"
            case .status: "status \(detail)"
            case .bodyMismatch: "body of \(Format.grouped(detail)) bytes"
            case .unexpectedBytes: "\(Format.grouped(detail)) bytes"
            }
        let place = "connection \(connection) at \(Format.span(nanoseconds: time))"
        return (cause.map { $0 + ", " } ?? "") + place
    }
}

/// Names of the errnos that a client meets (errno(3), Linux).
enum ErrorNumber {
    static func name(_ errno: Int) -> String {
        switch errno {
        case 1: "EPERM"
        case 2: "ENOENT"
        case 13: "EACCES"
        case 23: "ENFILE"
        case 24: "EMFILE"
        case 32: "EPIPE"
        case 97: "EAFNOSUPPORT"
        case 98: "EADDRINUSE"
        case 99: "EADDRNOTAVAIL"
        case 100: "ENETDOWN"
        case 101: "ENETUNREACH"
        case 103: "ECONNABORTED"
        case 104: "ECONNRESET"
        case 105: "ENOBUFS"
        case 110: "ETIMEDOUT"
        case 111: "ECONNREFUSED"
        case 112: "EHOSTDOWN"
        case 113: "EHOSTUNREACH"
        default: "errno \(errno)"
        }
    }
}

/// Errors counted by class, with the first of each.
package struct ErrorTally: Sendable, Equatable {
    /// The counts, in the order of `ErrorClass.allCases`.
    private var counts = [UInt64](repeating: 0, count: ErrorClass.allCases.count)
    /// The first example of each class that has one.
    private var examples = [ErrorExample?](repeating: nil, count: ErrorClass.allCases.count)

    /// No errors.
    package init() {}

    /// Counts `count` errors that share one cause. Allocates nothing.
    package mutating func record(_ example: ErrorExample, count: UInt64 = 1) {
        let index = example.errorClass.rawValue
        counts[index] &+= count
        if examples[index] == nil { examples[index] = example }
    }

    /// Adds `other`; of two examples the earlier stays.
    package mutating func merge(_ other: ErrorTally) {
        for index in counts.indices {
            counts[index] += other.counts[index]
            guard let theirs = other.examples[index] else { continue }
            if let ours = examples[index], ours.time <= theirs.time { continue }
            examples[index] = theirs
        }
    }

    /// The number of errors of one class.
    package subscript(_ errorClass: ErrorClass) -> UInt64 { counts[errorClass.rawValue] }

    /// The first error of one class.
    package func example(of errorClass: ErrorClass) -> ErrorExample? {
        examples[errorClass.rawValue]
    }

    /// All errors.
    package var total: UInt64 { counts.reduce(0, +) }

    /// The classes that occurred, the most frequent first.
    package var occurring: [ErrorClass] {
        // Swift's sort is stable, so equal counts keep the order of the classes.
        ErrorClass.allCases.filter { self[$0] > 0 }.sorted { self[$0] > self[$1] }
    }

    /// The earliest of all examples.
    package var firstExample: ErrorExample? {
        examples.compactMap(\.self).min { $0.time < $1.time }
    }
}
