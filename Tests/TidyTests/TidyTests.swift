import Foundation
import TestSupport
import Testing

/// The rules of the house that a compiler does not check.
@Suite struct TidyTests {
    /// Each target imports only those of lower layers; siblings never import each other.
    static let layers: [[String]] = [
        ["CCrypt", "CLinux", "CZlib"],
        [
            "Syscalls", "Containers", "HTTP1", "Arguments", "Compression", "Passwords",
        ],
        ["Reactor", "Presentation"],
        ["HTTPEngine"],
        ["Sluice"],
        ["SluiceCommand", "SluiceJSON"],
        ["Examples"],
    ]

    /// Modules of the toolchain that Sources may use. Foundation is not among them: it would cost
    /// the server 10 MB and its start.
    static let toolchainModules: Set<String> = ["Glibc", "Synchronization"]

    /// What one target more may use, and no other: JSON through Codable stands apart for it.
    static let ownModules = ["SluiceJSON": "FoundationEssentials"]

    /// Where bytes meet C or memory, and nowhere else.
    static let unsafePlaces = [
        "Sources/Syscalls/", "Sources/Containers/", "Sources/HTTP1/ByteScanner.swift",
        "Sources/Compression/", "Sources/Passwords/", "Sources/Reactor/LoopExecutor.swift",
        "Sources/Reactor/Waiter.swift", "Sources/HTTPEngine/RequestView.swift",
        "Sources/HTTPEngine/RequestCopy.swift",
        "LoadGen/LoadGenCore/Histograms/ZlibStream.swift", "Bench/floor/",
    ]

    @Test func `every target in Sources has its layer`() throws {
        let targets = try FileManager.default.contentsOfDirectory(
            atPath: Repository.path("Sources"))
        #expect(Set(targets) == Set(Self.layers.joined()))
    }

    @Test func `imports lead down the layers`() throws {
        let layer = Dictionary(
            uniqueKeysWithValues: Self.layers.enumerated().flatMap { index, targets in
                targets.map { ($0, index) }
            })
        for file in try Repository.swiftFiles(under: "Sources") {
            let target = file.path.split(separator: "/")[1]
            let own = try #require(layer[String(target)], "\(file.path)")
            for module in file.imports {
                if let other = layer[module] {
                    #expect(other < own, "\(file.path) imports \(module)")
                } else if Self.ownModules[String(target)] != module {
                    #expect(Self.toolchainModules.contains(module), "\(file.path): \(module)")
                }
            }
        }
    }

    @Test func `loadgen shares layers 0 to 2 and nothing above`() throws {
        let shared: Set = [
            "CLinux", "CZlib", "Syscalls", "Containers", "HTTP1", "Arguments", "Reactor",
            "Presentation", "LoadGenCore",
        ]
        for file in try Repository.swiftFiles(under: "LoadGen") {
            for module in file.imports where !Self.toolchainModules.contains(module) {
                #expect(shared.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test func `the gate's judgement is pure, and no measuring program knows a server's inside`()
        throws
    {
        let allowed = [
            "Bench/GateCore/": ["Containers", "Presentation"],
            "Bench/gate/": [
                "Arguments", "Containers", "GateCore", "HTTP1", "LoadGenCore", "Presentation",
                "Syscalls",
            ],
            "Bench/floor/": ["CLinux", "Containers", "Syscalls"],
            "Bench/streaming/": [
                "Arguments", "HTTP1", "LoadGenCore", "Presentation", "Syscalls",
            ],
        ]
        for (folder, modules) in allowed {
            let files = try Repository.swiftFiles(under: "Bench").filter {
                $0.path.hasPrefix(folder)
            }
            #expect(!files.isEmpty, "\(folder)")
            for file in files {
                for module in file.imports where !Self.toolchainModules.contains(module) {
                    #expect(modules.contains(module), "\(file.path) imports \(module)")
                }
            }
        }
    }

    @Test func `unsafe code stays where bytes meet C or memory`() throws {
        for file in try Repository.swiftFiles(under: "Sources", "LoadGen", "Bench") {
            guard !Self.unsafePlaces.contains(where: { file.path.hasPrefix($0) }) else { continue }
            for line in file.code where line.contains("unsafe") {
                let isUnsafe = line.contains(/\bunsafe\b/)
                #expect(!isUnsafe, "\(file.path): \(line)")
            }
        }
    }

    @Test func `every file with unsafe code says why that is safe`() throws {
        for file in try Repository.swiftFiles(under: "Sources", "LoadGen", "Bench") {
            guard file.code.contains(where: { $0.contains("unsafe ") }) else {
                continue
            }
            let saysWhy = file.text.contains("// SAFETY:")
            #expect(saysWhy, "\(file.path)")
        }
    }

    @Test func `nothing is printed past the output functions`() throws {
        for file in try Repository.swiftFiles(under: "Sources") {
            // An example shows what its reader would write.
            guard !file.path.hasPrefix("Sources/Examples/") else { continue }
            for line in file.code where line.contains("(") && !line.contains("func ") {
                let prints = line.contains(/(^|[^.\w])(debugPrint|print|dump)\(/)
                #expect(!prints, "\(file.path): \(line)")
            }
        }
    }

    @Test func `nothing is left for later`() throws {
        let marks = ["TO" + "DO", "FIX" + "ME"]
        for file in try Repository.swiftFiles(under: "Sources", "Tests", "Bench") {
            for mark in marks {
                let isMarked = file.text.contains(mark)
                #expect(!isMarked, "\(file.path): \(mark)")
            }
        }
    }

    @Test func `relative links in the documents lead somewhere`() throws {
        for document in try Repository.documents() {
            let text = try String(contentsOfFile: Repository.path(document), encoding: .utf8)
            let folder = (document as NSString).deletingLastPathComponent
            for match in text.matches(of: /\]\(([^)\s]+)\)/) {
                let link = match.1.split(separator: "#", omittingEmptySubsequences: false)[0]
                guard !link.isEmpty, !link.contains("://"), !link.hasPrefix("mailto:") else {
                    continue
                }
                let target = Repository.path((folder as NSString).appendingPathComponent("\(link)"))
                let exists = FileManager.default.fileExists(atPath: target)
                #expect(exists, "\(document): \(match.1)")
            }
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/ldd"), "no ldd here"))
    func `the executable is not linked with Foundation`() throws {
        let finished = try ChildProcess("/usr/bin/ldd", [SluiceProcess.path]).wait()
        #expect(finished.code == 0)
        #expect(finished.output.contains("libswiftCore"))
        #expect(!finished.output.contains("Foundation"), "\(finished.output)")
    }
}
