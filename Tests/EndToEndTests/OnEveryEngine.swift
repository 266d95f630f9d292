import Sluice
import TestSupport
import Testing

/// Runs each test of a suite once on every engine, and says in a failure which one it was.
struct OnEveryEngine: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        for engine in ServerConfiguration.Engine.allCases {
            let naming = IssueHandlingTrait.compactMapIssues { issue in
                var issue = issue
                issue.comments.append("on the engine \(engine.rawValue)")
                return issue
            }
            try await naming.provideScope(for: test, testCase: testCase) {
                do {
                    try await EngineUnderTest.$current.withValue(engine) { try await function() }
                } catch {
                    throw ClientFailure("on the engine \(engine.rawValue): \(error)")
                }
            }
        }
    }
}

extension Trait where Self == OnEveryEngine {
    /// On the reactor and in the thread pool.
    static var onEveryEngine: OnEveryEngine { OnEveryEngine() }
}
