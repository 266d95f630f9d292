internal import Glibc

/// A value that one thread at a time may touch, and whose changes others can wait for: a mutex and
/// a condition (pthread_mutex_lock(3), pthread_cond_wait(3)).
///
/// Without contention about 20 ns for a lock and its release; a wait and the signal that ends it
/// are one system call each.
@safe
package final class Monitor<Value: ~Copyable> {
    // Both live on the heap because their addresses must never change.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    // Invariant: touched only by the thread that holds the mutex.
    private var value: Value

    /// Guards this value.
    package init(_ value: consuming Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        // SAFETY: both initialise memory of their own type; with default attributes neither fails.
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        // SAFETY: nobody can hold or wait for what has no owner left.
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Runs `body` alone. It must not take long, and must not come back here.
    package func withLock<Result: ~Copyable>(_ body: (inout Value) -> Result) -> Result {
        lock()
        defer { unlock() }
        return body(&value)
    }

    /// Tries `attempt`, alone, until it gives something: now, and after each signal. It may change
    /// the value also when it gives nothing. No time limit: bound what it waits for.
    package func wait<Result: ~Copyable>(
        for attempt: (inout Value) -> Result?
    ) -> Result {
        lock()
        defer { unlock() }
        while true {
            if let result = attempt(&value) { return result }
            // SAFETY: we hold the mutex; the value is nobody's access while it is given up here.
            unsafe pthread_cond_wait(condition, mutex)
        }
    }

    /// Ends the wait of one thread, if any waits.
    package func signal() {
        // SAFETY: the condition lives as long as we do.
        unsafe pthread_cond_signal(condition)
    }

    /// Ends all waits.
    package func signalAll() {
        // SAFETY: as above.
        unsafe pthread_cond_broadcast(condition)
    }

    private func lock() {
        // SAFETY: an initialised mutex; a default one fails only when it is misused.
        unsafe pthread_mutex_lock(mutex)
    }

    private func unlock() {
        // SAFETY: locked by this thread.
        unsafe pthread_mutex_unlock(mutex)
    }
}

// SAFETY: the mutex orders all accesses to the value.
extension Monitor: @unchecked Sendable where Value: Sendable & ~Copyable {}
