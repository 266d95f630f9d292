// swift-tools-version: 6.3
import PackageDescription

// Layers: a target imports only lower layers; siblings never import each other.
// docs/ARCHITECTURE.md draws the picture; TidyTests holds the imports against it.

/// One language for the whole house: Swift 6 mode, strict memory safety (every unsafe expression
/// is marked), and the upcoming features that a later language mode turns on anyway.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableExperimentalFeature("Lifetimes"),  // Functions that return views of bytes (SE-0456).
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

/// Debug builds can script failures of system calls; release builds contain no trace of it.
let faultInjection: [SwiftSetting] = [
    .define("FAULT_INJECTION", .when(configuration: .debug))
]

let package = Package(
    name: "Sluice",
    products: [
        .library(name: "Sluice", targets: ["Sluice"]),
        .library(name: "SluiceJSON", targets: ["SluiceJSON"]),
        .executable(name: "sluice", targets: ["SluiceCommand"]),
        .executable(name: "loadgen", targets: ["loadgen"]),
        .executable(name: "gate", targets: ["gate"]),
    ],
    targets: [
        // Layer 0
        .systemLibrary(
            name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Layer 1
        .target(
            name: "Syscalls", dependencies: ["CLinux"], swiftSettings: settings + faultInjection),
        .target(name: "Containers", swiftSettings: settings),
        .target(name: "HTTP1", swiftSettings: settings),
        .target(name: "Arguments", swiftSettings: settings),
        .target(name: "Passwords", dependencies: ["CCrypt"], swiftSettings: settings),
        .target(name: "Compression", dependencies: ["CZlib"], swiftSettings: settings),

        // Layer 2
        .target(
            name: "Reactor", dependencies: ["Containers", "Syscalls"], swiftSettings: settings),
        .target(name: "Presentation", dependencies: ["Syscalls"], swiftSettings: settings),

        // Layer 3
        .target(
            name: "HTTPEngine", dependencies: ["Containers", "HTTP1", "Reactor", "Syscalls"],
            swiftSettings: settings),

        // Layer 4
        .target(
            name: "Sluice",
            dependencies: [
                "Compression", "Containers", "HTTP1", "HTTPEngine", "Passwords", "Presentation",
                "Syscalls",
            ],
            swiftSettings: settings),

        .target(
            name: "LoadGenCore",
            dependencies: [
                "Arguments", "Containers", "CZlib", "HTTP1", "Presentation", "Reactor", "Syscalls",
            ],
            path: "LoadGen/LoadGenCore", swiftSettings: settings),

        .target(
            name: "GateCore", dependencies: ["Containers", "Presentation"], path: "Bench/GateCore",
            swiftSettings: settings),

        // Layer 5
        .target(name: "SluiceJSON", dependencies: ["Sluice"], swiftSettings: settings),

        .executableTarget(
            name: "SluiceCommand", dependencies: ["Arguments", "Sluice", "Syscalls"],
            swiftSettings: settings),

        .executableTarget(
            name: "loadgen", dependencies: ["LoadGenCore", "Presentation", "Syscalls"],
            path: "LoadGen/loadgen", swiftSettings: settings),

        // Examples; the README shows the first
        .executableTarget(
            name: "hello", dependencies: ["Sluice"], path: "Sources/Examples/hello",
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "service", dependencies: ["Sluice"], path: "Sources/Examples/service",
            swiftSettings: [.swiftLanguageMode(.v6)]),

        .executableTarget(
            name: "api", dependencies: ["Sluice", "SluiceJSON"], path: "Sources/Examples/api",
            swiftSettings: [.swiftLanguageMode(.v6)]),

        .executableTarget(
            name: "upload", dependencies: ["Sluice"], path: "Sources/Examples/upload",
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "clock", dependencies: ["Sluice"], path: "Sources/Examples/clock",
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "members", dependencies: ["Sluice"], path: "Sources/Examples/members",
            swiftSettings: [.swiftLanguageMode(.v6)]),

        // Measuring
        .executableTarget(
            name: "floor", dependencies: ["Containers", "Syscalls"], path: "Bench/floor",
            swiftSettings: settings),

        .executableTarget(
            name: "streaming",
            dependencies: ["Arguments", "HTTP1", "LoadGenCore", "Presentation", "Syscalls"],
            path: "Bench/streaming", swiftSettings: settings),

        .executableTarget(
            name: "micro",
            dependencies: [
                "Arguments", "Containers", "HTTP1", "HTTPEngine", "Presentation", "Sluice",
                "Syscalls",
            ],
            path: "Bench/micro", exclude: ["thresholds.txt"], swiftSettings: settings),

        // The gate starts the server and the floor, so `swift run gate` has to build them.
        .executableTarget(
            name: "gate",
            dependencies: [
                "Arguments", "Containers", "GateCore", "HTTP1", "LoadGenCore", "Presentation",
                "SluiceCommand", "Syscalls", "floor",
            ],
            path: "Bench/gate", swiftSettings: settings),

        // Servers that are wrong on purpose; the gate has to say so.
        .executableTarget(
            name: "faulty", dependencies: ["Arguments", "Sluice", "Syscalls"],
            path: "Tests/Faulty", swiftSettings: settings),

        .testTarget(
            name: "SyscallsTests", dependencies: ["Syscalls"],
            swiftSettings: settings + faultInjection),
        .testTarget(
            name: "ContainersTests", dependencies: ["Containers", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "HTTP1Tests", dependencies: ["HTTP1", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "PasswordsTests", dependencies: ["Passwords"], swiftSettings: settings),
        .testTarget(
            name: "CompressionTests", dependencies: ["Compression", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "HTTPEngineTests",
            dependencies: [
                "Containers", "HTTP1", "HTTPEngine", "Reactor", "Syscalls", "TestSupport",
            ],
            swiftSettings: settings + faultInjection),
        .testTarget(
            name: "PresentationTests", dependencies: ["Presentation"], swiftSettings: settings),
        .testTarget(
            name: "ReactorTests", dependencies: ["Reactor", "Syscalls"], swiftSettings: settings),
        .testTarget(
            name: "SluiceTests",
            dependencies: [
                "Containers", "HTTP1", "HTTPEngine", "Presentation", "Sluice", "Syscalls",
                "TestSupport", "clock", "hello", "members", "service", "upload",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SluiceJSONTests", dependencies: ["Sluice", "SluiceJSON", "TestSupport", "api"],
            swiftSettings: settings),
        .testTarget(
            name: "CommandTests",
            dependencies: ["Arguments", "SluiceCommand", "Syscalls", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Compression", "Containers", "HTTPEngine", "Presentation", "Sluice",
                "SluiceCommand", "Syscalls", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "TidyTests", dependencies: ["SluiceCommand", "TestSupport"],
            swiftSettings: settings),

        .testTarget(
            name: "LoadGenCoreTests",
            dependencies: ["Containers", "HTTP1", "LoadGenCore", "Presentation"],
            swiftSettings: settings),
        .testTarget(
            name: "LoadGenTests",
            dependencies: ["Containers", "LoadGenCore", "Syscalls", "TestSupport"],
            swiftSettings: settings + faultInjection),

        .testTarget(
            name: "MicroTests", dependencies: ["Presentation", "TestSupport", "micro"],
            swiftSettings: settings),

        .testTarget(
            name: "GateCoreTests",
            dependencies: ["Containers", "GateCore", "Presentation", "TestSupport"],
            swiftSettings: settings),

        .testTarget(
            name: "GateTests",
            dependencies: [
                "Arguments", "GateCore", "HTTP1", "LoadGenCore", "Presentation", "Syscalls",
                "TestSupport", "faulty", "floor", "gate",
            ],
            swiftSettings: settings),

        .testTarget(
            name: "StreamingTests",
            dependencies: [
                "HTTP1", "LoadGenCore", "Syscalls", "TestSupport", "floor", "streaming",
            ],
            swiftSettings: settings),

        // What tests share: a raw client, a running server, child processes, seeded randomness.
        .target(
            name: "TestSupport", dependencies: ["Sluice", "Syscalls"],
            path: "Tests/TestSupport", swiftSettings: settings),
    ]
)
