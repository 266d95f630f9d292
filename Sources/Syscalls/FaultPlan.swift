#if FAULT_INJECTION
    internal import Glibc

    /// Scripted failures of system calls, for tests. Debug builds only.
    ///
    /// A plan is in force for the calling thread while `run(_:)` runs, so tests that run at the
    /// same time do not disturb each other, and a loop under test must run on the test's thread.
    ///
    ///     try FaultPlan(
    ///         .fail(.accept, with: .tooManyOpenFiles, onCalls: 3...3),
    ///         .limit(.receive, toBytes: 1)
    ///     ).run { ... }
    ///
    /// Calls are counted from 1, each attempt for itself: a call retried after EINTR counts twice.
    package final class FaultPlan {
        /// One line of the script.
        package struct Rule: Sendable {
            fileprivate enum Effect: Sendable {
                case fail(Errno)
                case limit(Int)
            }

            fileprivate let call: SystemCall
            fileprivate let calls: ClosedRange<Int>
            fileprivate let effect: Effect

            /// The calls with these numbers fail, and do not reach the kernel.
            package static func fail(
                _ call: SystemCall, with error: Errno, onCalls calls: ClosedRange<Int> = 1...Int.max
            ) -> Rule {
                Rule(call: call, calls: calls, effect: .fail(error))
            }

            /// The calls with these numbers move at most so many bytes.
            package static func limit(
                _ call: SystemCall, toBytes byteCount: Int,
                onCalls calls: ClosedRange<Int> = 1...Int.max
            ) -> Rule {
                precondition(byteCount > 0, "0 bytes would look like the end of the stream")
                return Rule(call: call, calls: calls, effect: .limit(byteCount))
            }
        }

        private let rules: [Rule]
        private var counts = [Int](repeating: 0, count: SystemCall.allCases.count)

        /// A plan of these rules. Of several that fit a call, the first of each kind counts.
        package init(_ rules: Rule...) {
            self.rules = rules
        }

        /// How many attempts of this call the plan has seen, failed ones included.
        package func callCount(_ call: SystemCall) -> Int { counts[call.rawValue] }

        /// Runs `body` under this plan. Plans do not nest.
        package func run<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
            precondition(Self.current == nil, "a plan is already in force on this thread")
            // SAFETY: the pointer is unretained; `self` outlives the body, after which it is gone
            // from the thread's storage.
            unsafe pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
            defer { pthread_setspecific(Self.key, nil) }
            return try body()
        }

        private static let key: pthread_key_t = {
            var key = pthread_key_t()
            // SAFETY: pthread_key_create(3) writes one key.
            let result = unsafe pthread_key_create(&key, nil)
            precondition(result == 0, "out of thread-specific keys")
            return key
        }()

        private static var current: FaultPlan? {
            // SAFETY: only `run` stores here, a plan that is alive.
            guard let pointer = unsafe pthread_getspecific(key) else { return nil }
            return unsafe Unmanaged<FaultPlan>.fromOpaque(pointer).takeUnretainedValue()
        }
    }

    // MARK: - What the calls ask

    extension FaultPlan {
        /// Counts a call about to be made, and says with what it should fail, if it should.
        static func failure(of call: SystemCall) -> Errno? {
            guard let plan = current else { return nil }
            plan.counts[call.rawValue] += 1
            let number = plan.counts[call.rawValue]
            for rule in plan.rules where rule.call == call && rule.calls.contains(number) {
                if case .fail(let error) = rule.effect { return error }
            }
            return nil
        }

        /// How many bytes the next call may move, if not any number.
        static func limit(of call: SystemCall) -> Int? {
            guard let plan = current else { return nil }
            let number = plan.counts[call.rawValue] + 1
            for rule in plan.rules where rule.call == call && rule.calls.contains(number) {
                if case .limit(let byteCount) = rule.effect { return byteCount }
            }
            return nil
        }
    }
#endif
