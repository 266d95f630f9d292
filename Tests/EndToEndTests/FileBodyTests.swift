import Dispatch
import Glibc
import HTTPEngine
import Synchronization
import Syscalls
import TestSupport
import Testing

@testable import Sluice

/// Bodies that are sent from files, over real sockets.
@Suite(.onEveryEngine, .timeLimit(.minutes(5))) struct FileBodyTests {
    private static let size = 5_242_880

    /// A pattern without a period that a window could hide.
    private static let content: [UInt8] = {
        var state: UInt32 = 7
        return (0..<size).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }()

    private func source(_ file: borrowing ScratchFile) throws -> FileSource {
        FileSource(try file.duplicate(), warm: nil)
    }

    /// `/file/N` sends so many bytes, `/part/A/B` those from A to B, `/parts` two of them with text
    /// between; `/task/N` does the first from a task. `/` says hello.
    private func router(_ source: FileSource) -> Router {
        var router = Router()
        router.get("/") { _, response in response.send("hello") }
        router.get("/file/{n}") { request, response in
            let count = try request.parameter("n", as: Int.self)
            response.message.send(FileBody(source, 0..<count))
        }
        router.get("/shared/{n}") { request, response in
            let count = try request.parameter("n", as: Int.self)
            response.message.send(shared: Array(Self.content[0..<count]))
        }
        router.get("/task-shared/{n}") { request, response in
            await Task.yield()
            let count = try request.parameter("n", as: Int.self)
            response.message.send(shared: Array(Self.content[0..<count]))
        }
        router.get("/part/{a}/{b}") { request, response in
            let start = try request.parameter("a", as: Int.self)
            let end = try request.parameter("b", as: Int.self)
            response.message.send(FileBody(source, start..<end))
        }
        router.get("/parts") { _, response in
            response.message.send(
                FileBody(
                    source,
                    parts: [
                        .bytes([1, 2]), .file(100..<300_000), .bytes([3]), .file(0..<10),
                        .bytes([4]),
                    ]))
        }
        router.get("/task/{n}") { request, response in
            await Task.yield()
            let count = try request.parameter("n", as: Int.self)
            response.message.send(FileBody(source, 0..<count))
        }
        return router
    }

    private func get(_ path: String, _ method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
    }

    private func isContent(_ response: RawResponse, _ range: Range<Int>) -> Bool {
        response.status == 200 && response["Content-Length"] == String(range.count)
            && response.body[...] == Self.content[range]
    }

    @Test(arguments: [1, 1_000, 65_537, 1_000_000, size])
    func `a file of any size arrives as it is`(byteCount: Int) throws {
        let file = try ScratchFile(Self.content)
        try withServer(router(try source(file))) { running in
            let client = try running.client()
            try client.send(get("/file/\(byteCount)") + get("/"))
            #expect(isContent(try client.response(), 0..<byteCount))
            #expect(try client.response().text == "hello")
        }
    }

    @Test(arguments: [0, 1, 4_095, 4_096, 65_537, 1_000_000, size])
    func `bytes that others hold arrive as they are, alone and among others`(
        byteCount: Int
    ) throws {
        let file = try ScratchFile([])
        let paths = ["/shared/\(byteCount)", "/", "/task-shared/\(byteCount)"]
        try withServer(router(try source(file))) { running in
            let client = try running.client()
            for path in paths {
                try client.send(get(path))
                let response = try client.response()
                let isRight = path == "/" || isContent(response, 0..<byteCount)
                #expect(isRight)
            }
            try client.sendWhileReading(
                Array((get(paths[0], "HEAD") + paths.map { get($0) }.joined() + get("/")).utf8))
            let head = try client.response(to: "HEAD")
            #expect(head["Content-Length"] == "\(byteCount)" && head.body.isEmpty)
            #expect(isContent(try client.response(), 0..<byteCount))
            #expect(try client.response().text == "hello")
            #expect(isContent(try client.response(), 0..<byteCount))
            #expect(try client.response().text == "hello")
            let old = try running.client(receiveBufferSize: 4_096)
            try old.send("GET /shared/\(min(byteCount, 300_000)) HTTP/1.0\r\n\r\n")
            #expect(isContent(try old.response(), 0..<min(byteCount, 300_000)))
            #expect(try old.end() == .finished)
        }
    }

    @Test func `a pipeline of files is answered in order`() throws {
        let file = try ScratchFile(Self.content)
        try withServer(router(try source(file))) { running in
            let client = try running.client()
            try client.send(
                get("/") + get("/part/5/200000") + get("/task/100000") + get("/file/7", "HEAD")
                    + get("/parts") + get("/task/1") + get("/"))
            #expect(try client.response().text == "hello")
            #expect(isContent(try client.response(), 5..<200_000))
            #expect(isContent(try client.response(), 0..<100_000))
            let head = try client.response(to: "HEAD")
            #expect(head["Content-Length"] == "7" && head.body.isEmpty)
            let parts = try client.response().body
            let expected: [UInt8] =
                [1, 2] + Self.content[100..<300_000] + [3] + Self.content[0..<10] + [4]
            #expect(parts == expected)
            #expect(isContent(try client.response(), 0..<1))
            #expect(try client.response().text == "hello")
        }
    }

    @Test func `HTTP 1.0 gets its file and the end`() throws {
        let file = try ScratchFile(Self.content)
        try withServer(router(try source(file))) { running in
            let client = try running.client()
            try client.send("GET /file/300000 HTTP/1.0\r\n\r\n")
            #expect(isContent(try client.response(), 0..<300_000))
            #expect(try client.end() == .finished)
        }
    }

    @Test func `a slow reader gets all of it, and others need not wait for him`() throws {
        let file = try ScratchFile(Self.content)
        try withServer(router(try source(file))) { running in
            let slow = try running.client(receiveBufferSize: 4_096)
            try slow.send(get("/file/1500000") + get("/"))
            // Some of it is there, and he reads no more for now.
            #expect(try slow.hasNews(within: RawClient.patience))
            for _ in 0..<3 {
                let other = try running.client()
                try other.send(get("/file/1000000"))
                #expect(isContent(try other.response(), 0..<1_000_000))
            }
            #expect(isContent(try slow.response(), 0..<1_500_000))
            #expect(try slow.response().text == "hello")
        }
    }

    @Test func `a task's deadline does not end a file that is being sent`() throws {
        let file = try ScratchFile(Self.content)
        let source = try source(file)
        var router = Router()
        router.group("/", limits: .deadline(.seconds(1))) { group in
            group.get("/task") { _, response in
                await Task.yield()
                response.message.send(FileBody(source, 0..<1_500_000))
            }
            group.get("/never") { _, _ in
                let (never, _) = AsyncStream<Void>.makeStream()
                for await _ in never {}
                try Task.checkCancellation()
            }
        }
        try withServer(router) { running in
            let slow = try running.client(receiveBufferSize: 4_096)
            try slow.send(get("/task"))
            #expect(try slow.hasNews(within: RawClient.patience))
            // Its time began later, and is up when the answer comes.
            let other = try running.client()
            try other.send(get("/never"))
            #expect(try other.response().status == 503)
            #expect(isContent(try slow.response(), 0..<1_500_000))
        }
    }

    @Test(arguments: [false, true])
    func `a reader that goes away disturbs nobody`(resets: Bool) throws {
        let file = try ScratchFile(Self.content)
        try withServer(router(try source(file))) { running in
            for _ in 0..<5 {
                let leaving = try running.client(receiveBufferSize: 4_096)
                try leaving.send(get("/file/\(Self.size)"))
                #expect(try leaving.hasNews(within: RawClient.patience))
                if resets { try leaving.resetWhenReleased() }
            }
            let client = try running.client()
            try client.send(get("/file/1000"))
            #expect(isContent(try client.response(), 0..<1_000))
        }
    }

    @Test func `a file that is cut off while it is sent ends its connection`() throws {
        let file = try ScratchFile(Self.content)
        try withServer(router(try source(file))) { running in
            let client = try running.client(receiveBufferSize: 4_096)
            try client.send(get("/file/\(Self.size)") + get("/"))
            #expect(try client.hasNews(within: RawClient.patience))
            try file.truncate(to: 1_000)
            let (bytes, ending) = try client.rest()
            #expect(ending == .reset)
            #expect(bytes.count < Self.size)
            let other = try running.client()
            try other.send(get("/file/1000"))
            #expect(isContent(try other.response(), 0..<1_000))
        }
    }

    @Test func `a file that is not in memory is read elsewhere`() throws {
        let file = try ScratchFile(Self.content)
        try #require(fsync(file.descriptor.rawValue) == 0)
        // Not every file system lets go of it; then there is nothing to read.
        _ = posix_fadvise(file.descriptor.rawValue, 0, 0, POSIX_FADV_DONTNEED)
        let isCold = !file.descriptor.isCached(4_194_304..<Self.size)
        let reader = DispatchQueue(label: "reader")
        let calls = Mutex(0)
        let cold = FileSource(try file.duplicate()) { file, range, done in
            calls.withLock { $0 += 1 }
            reader.async {
                var scratch = [UInt8](repeating: 0, count: range.count)
                // SAFETY: pread(2) writes at most the array's size.
                let count = unsafe pread(
                    file.descriptor.rawValue, &scratch, scratch.count, off_t(range.lowerBound))
                precondition(count > 0)
                done()
            }
            return true
        }
        try withServer(router(cold)) { running in
            let client = try running.client()
            try client.send(get("/file/\(Self.size)") + get("/"))
            #expect(isContent(try client.response(), 0..<Self.size))
            #expect(try client.response().text == "hello")
        }
        let callCount = calls.withLock { $0 }
        switch EngineUnderTest.current {
        case .reactor: #expect(callCount > 0 || !isCold)
        case .threadPool: #expect(callCount == 0, "a worker may wait")
        }
    }
}
