internal import Reactor
internal import Synchronization

/// What a task does for one exchange after the other.
package protocol DeferredOperation: AnyObject, Sendable {
    /// Answers the exchange of its runner, ends it by `DeferredExchange.finish` or `handlerEnded`, and
    /// begins again as often as `TaskRunner.next` says so.
    ///
    /// The loop is the operation's own because each asynchronous function on the way costs its frame
    /// in the task's memory, and the runtime's look at the executor behind it.
    func run() async
}

/// A task that answers one exchange after the other, and what it needs for that: making a task and
/// its memory for each cost more than all the rest of answering.
///
/// A runner whose task was cancelled ends with its exchange; one that has nothing to do waits among
/// its context's idle ones, and keeps its operation and its exchange to use them again. Both are
/// changed only by who has taken the runner from there, or has made it, before its task goes on:
/// resuming a task orders what came before.
package final class TaskRunner: @unchecked Sendable {
    /// The exchange that is to be answered, or was answered last.
    package var exchange: DeferredExchange { ownExchange }

    /// What the task does; `nil` before it has begun, and when it has ended.
    package var operation: (any DeferredOperation)? { ownOperation }

    private var ownExchange: DeferredExchange
    private var ownOperation: (any DeferredOperation)?

    private let context: DeferralContext
    /// To be cancelled as long as its handler has not ended, and no longer: both are known on the
    /// loop's thread only.
    private(set) var task: Task<Void, Never>?
    /// Lets the task go on, while the runner is idle.
    private var waiter: Waiter?
    /// The task has not seen its exchange yet.
    private var hasNext = false
    /// To be filled: with memory if there was some at hand.
    private var message = ResponseMessage()

    init(in context: DeferralContext) {
        self.context = context
        ownExchange = DeferredExchange(context: context)
    }

    /// Begins the exchange of this request: again the one that was over, if nobody else knows it any
    /// more. So it is when its handler has answered without waiting, and has kept nothing of it.
    func begin(
        _ view: borrowing RequestView, within timeLimit: TimeLimit?, label: UInt32,
        notes: ExchangeNotes?
    ) {
        let isAlone = isKnownUniquelyReferenced(&ownExchange)
        // What others have done with it they have done before they let go of it.
        atomicMemoryFence(ordering: .acquiring)
        if !isAlone || !ownExchange.isWorthKeeping {
            ownExchange = DeferredExchange(context: context)
        }
        ownExchange.begin(view, within: timeLimit, label: label, notes: notes)
        message.label = label
        if let notes { message.notes = notes.copy() }
    }

    /// Lets the task answer, on the connection's own thread, as far as it comes without waiting,
    /// before this returns. Called once for each exchange that has begun.
    ///
    /// - Parameters:
    ///   - operation: The runner's own, if it has one.
    ///   - message: Takes the answer, if the task has given one by then, and it is whole.
    /// - Returns: Whether it has. If not, the connection is told when there is something to see.
    func start(
        _ operation: any DeferredOperation, answering message: inout ResponseMessage
    ) -> Bool {
        assert(ownOperation == nil || ownOperation === operation)
        self.message.takeBuffers(of: &message)
        hasNext = true
        let exchange = ownExchange
        if let waiter = waiter.take() {
            context.executor.runFirstStep { waiter.resume() }
        } else {
            ownOperation = operation
            context.executor.runFirstStep {
                task = Task(executorPreference: context.executor) { await operation.run() }
            }
        }
        return exchange.hasStarted(self, answering: &message)
    }

    // MARK: The task

    /// An empty message to fill. To be called once for each exchange.
    package func takeMessage() -> ResponseMessage {
        hasNext = false
        var taken = ResponseMessage()
        swap(&message, &taken)
        return taken
    }

    /// Waits until there is another exchange to answer; `false`: the task is to end.
    package func next() async -> Bool {
        if !Task.isCancelled {
            await Waiter.suspend { waiter in
                self.waiter = waiter
                return context.park(self)
            }
        }
        // The two know each other, so that neither goes before the task does.
        if !hasNext { ownOperation = nil }
        return hasNext
    }

    /// Lets the task of an idle runner end.
    func end() {
        waiter.take()?.resume()
    }
}
