import Containers
import HTTP1
import Testing

@testable import HTTPEngine

/// What a handler may write into an answer.
@Suite struct ResponseMessageTests {
    @Test(arguments: [
        "a\r\nSet-Cookie: b", "a\rb", "a\nb", "a\u{0}b", "a\u{7F}", "\u{1}",
    ])
    func `a value cannot end its line`(value: String) {
        var message = ResponseMessage()
        #expect(throws: FieldError.invalidValue) {
            try message.appendField(name: "a".utf8.span, value: value.utf8.span)
        }
        let hasFields = message.hasFields
        #expect(!hasFields)
    }

    @Test(arguments: ["", "a b", "a:", "a\r\nb", "\u{E4}", "a\u{0}"])
    func `a name is a token`(name: String) {
        var message = ResponseMessage()
        #expect(throws: FieldError.invalidName) {
            try message.appendField(name: name.utf8.span, value: "b".utf8.span)
        }
        let hasFields = message.hasFields
        #expect(!hasFields)
    }

    @Test func `a file replaces what was there, and is replaced`() {
        var message = ResponseMessage()
        message.body.append("text")
        message.send(FileBody(ScriptedFile.source, 10..<30))
        let (isEmpty, length, sendsFile) = (
            message.body.isEmpty, message.streamLength, message.sendsFile
        )
        #expect(isEmpty && sendsFile)
        #expect(length == 20)
        message.stream(ScriptedProducer(["1"]))
        let (later, isFileLater) = (message.streamLength, message.sendsFile)
        #expect(later == nil && !isFileLater)
        message.send(FileBody(ScriptedFile.source, 0..<1))
        message.clear()
        let isUntouched = message.isUntouched && !message.sendsFile && message.streamLength == nil
        #expect(isUntouched)
    }

    @Test func `a body without a segment of the file is an ordinary one`() {
        var message = ResponseMessage()
        message.send(
            FileBody(
                ScriptedFile.source,
                parts: [.bytes(Array("a".utf8)), .file(5..<5), .bytes(Array("b".utf8))]))
        let (sendsFile, text) = (message.sendsFile, Array(copying: message.body.span).text)
        #expect(!sendsFile)
        #expect(text == "ab")
    }

    @Test func `the length of a body is that of all its parts`() {
        #expect(FileBody(ScriptedFile.source, 7..<7).byteCount == 0)
        #expect(FileBody(ScriptedFile.source, 7..<10).byteCount == 3)
        let parts = ScriptedFile.parts(of: ScriptedFile.source)
        #expect(parts.byteCount == ScriptedFile.textOfParts.utf8.count)
    }

    @Test(arguments: [
        "Content-Length", "transfer-encoding", "CONNECTION", "Keep-Alive",
    ])
    func `framing is the engine's`(name: String) {
        var message = ResponseMessage()
        #expect(throws: FieldError.reservedName) {
            try message.appendField(name: name.utf8.span, value: "1".utf8.span)
        }
        let hasFields = message.hasFields
        #expect(!hasFields)
    }

    private static func lines(_ message: borrowing ResponseMessage) -> String {
        Array(copying: message.fields.span).text
    }

    private static func append(
        _ name: String, _ value: String, to message: inout ResponseMessage
    ) {
        #expect(throws: Never.self) {
            try message.appendField(name: name.utf8.span, value: value.utf8.span)
        }
    }

    @Test func `fields keep their order and their bytes`() {
        var message = ResponseMessage()
        Self.append("B", "1", to: &message)
        message.appendField("A", "2")
        Self.append("b", "\t3 \u{E4}", to: &message)
        let lines = Self.lines(message)
        #expect(lines == "B: 1\r\nA: 2\r\nb: \t3 \u{E4}\r\n")
    }

    @Test func `a field is removed with all its lines`() {
        var message = ResponseMessage()
        for (name, value) in [("a", "1"), ("ab", "2"), ("A", "3"), ("b", "a: 4"), ("a", "5")] {
            Self.append(name, value, to: &message)
        }
        message.removeField(name: "a".utf8.span)
        let lines = Self.lines(message)
        #expect(lines == "ab: 2\r\nb: a: 4\r\n")
    }

    @Test func `a type of the handler's own stands instead of the one that was chosen`() {
        var message = ResponseMessage()
        message.contentType = .plainText
        Self.append("content-type", "text/html", to: &message)
        let lines = Self.lines(message)
        let type = message.contentType
        #expect(type == .none)
        #expect(lines == "content-type: text/html\r\n")
    }

    @Test func `a message that is cleared is as new`() {
        var message = ResponseMessage()
        message.status = 404
        message.contentType = .bytes
        message.closesConnection = true
        message.body.append("body")
        Self.append("Date", "today", to: &message)
        message.stream(ScriptedProducer(["1"]))
        message.deferAnswer()
        message.clear()
        let (status, type, closes) = (
            message.status, message.contentType, message.closesConnection
        )
        #expect(status == 200)
        #expect(type == .none)
        #expect(!closes)
        let (hasFields, ownsNone) = (message.hasFields, message.ownFields.isEmpty)
        #expect(!hasFields)
        #expect(ownsNone)
        let (isStream, isDeferred, byteCount) = (
            message.isStream, message.isDeferred, message.body.count
        )
        #expect(!isStream)
        #expect(!isDeferred)
        #expect(byteCount == 0)
    }

    @Test func `a piece of nothing does not end a body`() {
        var writer = BodyWriter(ByteBuffer(), isChunked: true)
        writer.write("".utf8.span)
        writer.write("ab".utf8.span)
        let buffer = writer.finish(.finished)
        let text = Array(copying: buffer.span).text
        #expect(text == "2\r\nab\r\n0\r\n\r\n")
    }

    @Test func `a body that the close ends has no frame`() {
        var writer = BodyWriter(ByteBuffer(), isChunked: false)
        writer.write("ab".utf8.span)
        let buffer = writer.finish(.finished)
        let text = Array(copying: buffer.span).text
        #expect(text == "ab")
    }
}
