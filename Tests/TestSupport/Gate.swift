import Dispatch

/// Lets one asynchronous handler wait until its test says so.
package final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// Until the gate is open, or the task is cancelled.
    package func wait() async {
        for await _ in stream {}
    }

    package func open() {
        continuation.finish()
    }
}

/// Tells a test that something has happened.
package final class Happening: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    package init() {}

    package func happens() {
        semaphore.signal()
    }

    /// Waits until it has happened once more than this was called before.
    package func await(seconds: Int = 20) throws {
        guard semaphore.wait(timeout: .now() + .seconds(seconds)) == .success else {
            throw ClientFailure("what was waited for has not happened")
        }
    }
}
