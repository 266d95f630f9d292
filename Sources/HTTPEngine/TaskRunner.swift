internal import Reactor
internal import Synchronization

/// What a task does for one exchange.
package protocol DeferredOperation: AnyObject, Sendable {
    /// Answers. Its last act is `DeferredExchange.handlerEnded`.
    func run() async
}

/// A task that answers one exchange after the other: making a task and its memory for each cost
/// more than all the rest of answering.
///
/// A runner whose task was cancelled ends with its exchange; one that has nothing to do waits among
/// its context's idle ones.
final class TaskRunner: Sendable {
    private struct State: ~Copyable {
        var next: (any DeferredOperation)?
        var waiter: Waiter?
        var isEnding = false
        var task: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Its task, once that is known.
    fileprivate var task: Task<Void, Never>? {
        get { state.withLock { $0.task } }
        set { state.withLock { $0.task = newValue } }
    }

    /// Lets an idle runner go on with this, or end.
    func goOn(with operation: (any DeferredOperation)?) {
        let waiter = state.withLock { state in
            state.next = operation
            state.isEnding = operation == nil
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// The next operation; `nil`: end.
    private func next() async -> (any DeferredOperation)? {
        if let next = state.withLock({ $0.next.take() }) { return next }
        await Waiter.suspend { waiter in
            state.withLock { state in
                if state.next != nil || state.isEnding { return false }
                state.waiter = waiter
                return true
            }
        }
        return state.withLock { $0.next.take() }
    }

    /// What its task does.
    fileprivate func run(in context: DeferralContext) async {
        while let operation = await next() {
            await operation.run()
            // Nothing of the exchange is held while the runner waits for the next one.
            _ = consume operation
            guard !Task.isCancelled, context.park(self) else { break }
        }
        task = nil
    }
}

extension DeferralContext {
    /// Lets a task run this, as far as it comes without waiting, before this returns.
    ///
    /// - Returns: The task, to be cancelled as long as the operation has not ended, and no longer:
    ///   both are known on the loop's thread only.
    func start(_ operation: any DeferredOperation) -> Task<Void, Never> {
        if let runner = takeIdle(), let task = runner.task {
            executor.runFirstStep { runner.goOn(with: operation) }
            return task
        }
        let runner = TaskRunner()
        runner.goOn(with: operation)
        var started: Task<Void, Never>?
        executor.runFirstStep {
            let task = Task(executorPreference: executor) { await runner.run(in: self) }
            runner.task = task
            started = task
        }
        guard let started else { preconditionFailure("the closure has run") }
        return started
    }
}
