/// A task that is suspended until somebody resumes it, once.
///
/// Without the bookkeeping of a checked continuation, which costs an allocation for each wait: who
/// holds a waiter takes it out of where it stands when it resumes it.
@safe
package struct Waiter: Sendable {
    private let continuation: UnsafeContinuation<Void, Never>

    /// Suspends the calling task.
    ///
    /// - Parameter store: Keeps the waiter, or says `false` when there is nothing to wait for. Runs
    ///   before the task is suspended for good, so another thread may resume it at once.
    package static func suspend(_ store: (Waiter) -> Bool) async {
        await unsafe withUnsafeContinuation { continuation in
            // SAFETY: it is resumed here unless it was stored; whoever stores it resumes it once.
            let waiter = unsafe Waiter(continuation: continuation)
            if !store(waiter) { waiter.resume() }
        }
    }

    private init(continuation: UnsafeContinuation<Void, Never>) {
        unsafe self.continuation = continuation
    }

    /// Lets the task go on, where its executor is. Any thread; once.
    package func resume() {
        // SAFETY: see `suspend`.
        unsafe continuation.resume()
    }
}
