import Foundation
import TestSupport
import Testing

/// Ids and the error log, as an operator asks for them.
@Suite struct DiagnosticsTests {
    private func answer(_ sluice: SluiceProcess, _ fields: String = "") throws -> RawResponse {
        let client = try sluice.client()
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
        return try client.response()
    }

    @Test(arguments: [
        (["--request-id", "ulid"], "X-Request-ID", 26),
        (["--request-id", "uuid-base64"], "X-Request-ID", 22),
        (["--request-id-field", "X-Name"], "X-Name", 36),
        (["--request-id-from", "everybody"], "X-Request-ID", 36),
    ])
    func `each option that is about ids asks for them`(
        arguments: [String], field: String, byteCount: Int
    ) throws {
        try withSluice(arguments) { sluice in
            let values = try answer(sluice).values(field)
            #expect(values.map(\.utf8.count) == [byteCount])
        }
    }

    @Test func `without the options there is no id`() throws {
        try withSluice(["--request-id", "off"]) { sluice throws in
            #expect(try answer(sluice, "X-Request-ID: a\r\n").values("X-Request-ID") == [])
        }
    }

    @Test func `who is believed names its requests`() throws {
        for (source, id) in [("everybody", true), ("nobody", false), ("trusted-proxies", true)] {
            let arguments = ["--request-id-from", source, "--trusted-proxies", "127.0.0.1"]
            try withSluice(arguments) { sluice in
                let response = try answer(sluice, "X-Request-ID: mine\r\n")
                #expect((response["X-Request-ID"] == "mine") == id, "\(source)")
            }
        }
    }

    @Test func `SIGUSR2 turns debugging on and off, and refusals are lines of a file`() throws {
        let folder = NSTemporaryDirectory() + "sluice-log-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/error.log"
        func lines(_ count: Int) throws -> [[String: String]] {
            let deadline = Date() + 15
            while Date() < deadline {
                let text = try String(contentsOfFile: path, encoding: .utf8)
                let lines = text.split(separator: "\n")
                if lines.count >= count {
                    return try lines.map {
                        try #require(
                            try JSONSerialization.jsonObject(with: Data($0.utf8))
                                as? [String: String])
                    }
                }
                sched_yield()
            }
            throw ClientFailure("the log does not get \(count) lines")
        }
        func refuse(_ sluice: SluiceProcess) throws {
            let client = try sluice.client()
            try client.send("nonsense\r\n\r\n")
            #expect(try client.response().status == 400)
        }
        let arguments = [
            "--error-log", path, "--error-log-format", "json", "--instance-id", "web-1",
            "--request-id", "ulid",
        ]
        try withSluice(arguments) { sluice in
            try refuse(sluice)
            sluice.process.signal(SIGUSR2)
            #expect(try lines(1).map { $0["message"] } == ["the log level is debug now"])
            try refuse(sluice)
            let refusal = try lines(2)[1]
            #expect(refusal["level"] == "debug" && refusal["instance"] == "web-1")
            #expect(refusal["request_id"]?.utf8.count == 26)
            #expect(refusal["message"]?.hasPrefix("refused with 400: ") == true)
            sluice.process.signal(SIGUSR2)
            #expect(try lines(3)[2]["message"] == "the log level is notice now")
        }
    }

    @Test func `the wire log warns`() throws {
        let sluice = try SluiceProcess(["--log-wire"])
        let finished = try sluice.stop()
        #expect(finished.code == 0)
        #expect(finished.error.contains("warning: all requests and answers are written"))
    }
}
