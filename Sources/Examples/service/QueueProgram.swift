import Sluice
import Synchronization

/// A queue that is started, stopped and looked at over HTTP.
final class Queue: Sendable {
    private let isRunning = Atomic<Bool>(false)

    var state: String { isRunning.load(ordering: .relaxed) ? "running" : "stopped" }

    func start() { isRunning.store(true, ordering: .relaxed) }

    func stop() { isRunning.store(false, ordering: .relaxed) }
}

@main
enum QueueProgram {
    static func main() throws {
        let queue = Queue()
        var service = Service("QueueService")
        service.method("start") { _, response in
            queue.start()
            response.send("started\n")
        }
        service.method("stop") { _, response in
            queue.stop()
            response.send("stopped\n")
        }
        service.method("get_stats") { request, response in
            response.send("\(queue.state) \(request.unresolvedPath)\n")
        }
        service.method("download_data") { request, response in
            response.send("the data of \(request.unresolvedPath)\n")
        }
        service.method("ping") { _, response in
            response.send("pong\n")
        }

        var router = Router()
        try router.add(
            service,
            mappings: """
                /v1/queue/start   => start,
                /v1/queue/stop    => stop,
                /v1/queue/stats/* => get_stats,
                *.data            => download_data
                """)
        print(router.description, terminator: "")

        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
        let server = try Server(router, configuration: ServerConfiguration(port: port))
        print("listening on", server.urls.joined(separator: " and "))
        _ = try server.run()
    }
}
