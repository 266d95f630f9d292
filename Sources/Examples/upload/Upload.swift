import Sluice

/// Takes files while they come, and says their checksums: `upload [PORT [FOLDER]]`.
@main
enum Upload {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let port = arguments.first.flatMap { Int($0) } ?? 8080
        // The folder has to be there.
        let uploads = try UploadFolder(arguments.dropFirst().first ?? "uploads")
        let server = try Server(router(uploads), configuration: ServerConfiguration(port: port))
        print("listening on", server.urls.joined(separator: " and "))
        _ = try server.run()
    }

    static func router(_ uploads: UploadFolder) -> Router {
        var router = Router()
        let limits = RouteLimits.maxBodyBytes(1 << 30)
        // curl -T tea.jpg localhost:8080/files/
        router.stream(.put, "/files/{name}", limits: limits) { request, response in
            let name = try request.parameter("name", as: String.self)
            // Refuses a bad name. Nobody has asked for the body yet, so a client that waits for
            // `100 Continue` (as curl does for what is large) hears it before it sends anything.
            var file = try await uploads.create(name, existing: .kept)
            var checksum = CRC32()
            for try await chunk in request.body {
                checksum.update(chunk)
                try await file.write(chunk)
            }
            let count = try await file.finish()
            response.status = .created
            response.send("\(name): \(count) bytes, CRC-32 \(checksum)\n")
        }
        // curl -F file=@tea.jpg -F file=@cup.jpg localhost:8080/files
        router.stream(.post, "/files", limits: limits) { request, response in
            var answer = ""
            var form = try MultipartStream(request.body, of: request.head)
            while let part = try await form.next() {
                // What is not read, such as a field that is no file, is passed over.
                guard let name = part.fileName else { continue }
                // The name is what the client says. The folder takes no path, and keeps what it has.
                var file = try await uploads.create(name, existing: .kept)
                var checksum = CRC32()
                while let chunk = try await form.nextChunk() {
                    checksum.update(chunk)
                    try await file.write(chunk)
                }
                let count = try await file.finish()
                answer += "\(name): \(count) bytes, CRC-32 \(checksum)\n"
            }
            response.status = .created
            response.send(answer)
        }
        return router
    }
}
