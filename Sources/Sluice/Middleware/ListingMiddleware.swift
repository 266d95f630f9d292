internal import Containers
internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// Stands around static files whose folders are listed: reads a folder on a thread of the pool before
/// the handler is called, which then finds the list among the request's values.
///
/// Only paths that end with a slash, and whose index is not known, wait for that.
struct ListingMiddleware: Middleware {
    let files: StaticFiles

    func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        let target = request.fileTarget
        guard files.mayList, request.isRead, !target.lacksSlash, target.bytes.isFolderPath,
            files.cache.find(target.bytes) == nil
        else { return .next }
        let key = try StaticPath.decoded(
            target.bytes, allowsHidden: files.options.servesHidden)
        let files = files
        return .wait {
            var values = RequestValues()
            values[StaticListingKey.self] = try await offload { try files.listing(key) }
            return values
        }
    }
}

/// The list of a folder that has no index.
enum StaticListingKey: RequestKey {
    typealias Value = StaticListing
}

extension StaticFiles {
    /// Folders can be listed at all.
    var mayList: Bool { options.listsFolders && folder != nil }

    /// What is in a folder; `nil` when it has an index, is none, or cannot be read: the handler says
    /// what is wrong.
    fileprivate func listing(_ key: [UInt8]) throws -> StaticListing? {
        guard let folder else { return nil }
        do throws(Errno) {
            switch try folder.load(key, at: MonotonicClock.now()) {
            case .folder: return try StaticListing(key, in: folder)
            case .file(let entry): cache.insert(entry)
            case .folderWithoutSlash, .other: break
            }
        } catch {
            // It is met again by the handler.
        }
        return nil
    }

    /// Fills the answer with a list.
    func send(
        _ listing: StaticListing, _ request: borrowing Request, _ response: inout Response
    ) throws {
        response.addVary(["Accept"])
        if request.preferredType(of: ["text/html", "application/json"]) == "application/json" {
            response.send(jsonText: listing.json)
        } else {
            let isMount = request.fileTarget.bytes.isEmpty
            response.send(html: listing.page(title: request.shownPath, hasParent: !isMount))
        }
        try response.setField("X-Content-Type-Options", "nosniff")
    }
}

extension Request {
    fileprivate var isRead: Bool { method == .get || method == .head }

    /// The whole path as people read it; not escaped.
    fileprivate var shownPath: String {
        let path = view.bytes.extracting(pathRange)
        var bytes: [UInt8] = []
        var offset = 0
        while offset < path.count {
            bytes.append(path.decodedByte(at: &offset, end: path.count))
        }
        return bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
    }
}

extension Span where Element == UInt8 {
    /// The path of a folder: the mount's own, or one that ends with a slash.
    fileprivate var isFolderPath: Bool { isEmpty || self[count - 1] == UInt8(ascii: "/") }
}
