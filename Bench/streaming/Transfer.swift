internal import HTTP1
internal import LoadGenCore
internal import Syscalls

/// What a transfer took.
struct TransferTime: Equatable, Sendable {
    /// From the first byte of the request to the last of the answer.
    var nanoseconds: UInt64
    /// Processor time of this program within it.
    var clientNanoseconds: UInt64
}

/// One long body that goes one way, on a connection of its own.
enum Transfer {
    static func run(
        _ order: TransferOrder, _ side: TransferOrder.Side, body: UploadBody?
    ) throws(TransferFailure) -> TransferTime {
        var socket = try TransferSocket(side.target, patience: order.patience)
        let head = requestHead(order, side)
        let processorStart = ThreadCPUClock.now()
        let start = MonotonicClock.now().nanoseconds
        if let body {
            try upload(head, body, order, &socket)
        } else {
            try download(head, order, &socket)
        }
        let end = MonotonicClock.now().nanoseconds
        return TransferTime(
            nanoseconds: end - start, clientNanoseconds: ThreadCPUClock.now() - processorStart)
    }

    private static func requestHead(
        _ order: TransferOrder, _ side: TransferOrder.Side
    ) -> [UInt8] {
        let target = side.target
        var lines: [String] = []
        switch order.direction {
        case .download: lines.append("GET \(target.path) HTTP/1.1")
        case .upload: lines.append("\(order.method) \(target.path) HTTP/1.1")
        }
        lines.append("Host: \(target.authority)")
        if order.direction == .upload {
            lines.append("Content-Type: application/octet-stream")
            lines.append(
                order.isChunked
                    ? "Transfer-Encoding: chunked" : "Content-Length: \(order.byteCount)")
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    // MARK: - Upload

    private static func upload(
        _ head: [UInt8], _ body: UploadBody, _ order: TransferOrder,
        _ socket: inout TransferSocket
    ) throws(TransferFailure) {
        var counter = AnswerCounter(to: order.method == "PUT" ? .put : .post)
        var moved = 0
        do throws(TransferFailure) {
            var headCount = 0
            try socket.send(head.span, moved: &headCount)
            for _ in 0..<body.blockCount { try socket.send(body.block.span, moved: &moved) }
            // The server cannot have all of the body yet, so it owes no answer.
            try refuseEarlyAnswer(&counter, body.dataCount(ofSent: moved), &socket)
            try socket.send(body.tail.span, moved: &moved)
        } catch {
            // An answer tells more than the loss of the connection that follows it.
            if !counter.hasHead {
                try refuseEarlyAnswer(&counter, body.dataCount(ofSent: moved), &socket)
            }
            throw error
        }
        while !counter.isComplete {
            try receive(&counter, after: order.byteCount, &socket)
        }
        try check(counter)
        let received = Int(String(decoding: counter.bodyStart, as: UTF8.self))
        if let received, received != order.byteCount {
            throw .received(received, wanted: order.byteCount)
        }
    }

    private static func refuseEarlyAnswer(
        _ counter: inout AnswerCounter, _ sentCount: Int, _ socket: inout TransferSocket
    ) throws(TransferFailure) {
        let count = socket.receiveWithoutWaiting()
        guard count > 0 else { return }
        try counter.take(socket.bytes(count))
        guard counter.hasHead else { return }
        try checkStatus(counter)
        throw .early(status: counter.status, after: sentCount)
    }

    // MARK: - Download

    private static func download(
        _ head: [UInt8], _ order: TransferOrder, _ socket: inout TransferSocket
    ) throws(TransferFailure) {
        var counter = AnswerCounter(to: .get)
        var headCount = 0
        try socket.send(head.span, moved: &headCount)
        while !counter.hasHead { try receive(&counter, after: 0, &socket) }
        try checkStatus(counter)
        if order.isChunked, !counter.isChunked { throw .notChunked }
        if let count = counter.announcedCount, count != order.byteCount {
            throw .byteCount(count, wanted: order.byteCount)
        }
        while !counter.isComplete, counter.bodyCount <= order.byteCount {
            try receive(&counter, after: counter.bodyCount, &socket)
        }
        guard counter.bodyCount <= order.byteCount else {
            throw .tooMany(wanted: order.byteCount)
        }
        try check(counter)
        guard counter.bodyCount == order.byteCount else {
            throw .byteCount(counter.bodyCount, wanted: order.byteCount)
        }
    }

    // MARK: - Answers

    private static func receive(
        _ counter: inout AnswerCounter, after moved: Int, _ socket: inout TransferSocket
    ) throws(TransferFailure) {
        let count = try socket.receive(after: moved)
        if count == 0 {
            guard counter.takeEnd() else { throw .closed(after: moved) }
        } else {
            try counter.take(socket.bytes(count))
        }
    }

    private static func check(_ counter: borrowing AnswerCounter) throws(TransferFailure) {
        try checkStatus(counter)
        if counter.unexpectedCount > 0 { throw .unexpectedBytes(counter.unexpectedCount) }
    }

    private static func checkStatus(_ counter: borrowing AnswerCounter) throws(TransferFailure) {
        guard !(200..<300).contains(counter.status) else { return }
        // One line that a terminal can show.
        let line = counter.bodyStart.prefix(80).prefix { (0x20...0x7E).contains($0) }
        throw .status(counter.status, body: String(decoding: line, as: UTF8.self))
    }
}
