internal import CLinux
internal import Glibc

/// A thread of the system (pthreads(7)). Join it, or let go of it and it runs on by itself.
package struct Thread: ~Copyable {
    /// The kernel keeps 15 bytes of a thread's name.
    package static let maximumNameLength = 15

    private let handle: pthread_t

    /// Starts a thread that runs `body`. The name shows in top(1) and debuggers; what is beyond 15
    /// bytes of it is cut off. Throws EAGAIN when the system allows no more threads.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var handle = pthread_t()
        // SAFETY: the thread takes over the retained box; if it does not come to be, we release it.
        let code = unsafe pthread_create(
            &handle, nil,
            { argument in
                let start = unsafe Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                start.run()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            unsafe start.release()
            throw Errno(rawValue: code)
        }
        self.handle = handle
    }

    deinit {
        // The thread frees itself when it ends.
        pthread_detach(handle)
    }

    /// Waits until the thread has ended. Bound what it waits for: this has no time limit.
    package consuming func join() {
        let handle = handle
        discard self
        // The handle is joined once, since `self` is gone.
        let code = pthread_join(handle, nil)
        precondition(code == 0, "a thread cannot join itself")
    }
}

/// What a new thread does.
private final class Start: Sendable {
    private let name: String
    private let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        let shortName = String(decoding: name.utf8.prefix(Thread.maximumNameLength), as: UTF8.self)
        // SAFETY: the name is read during the call. A cut within a character may make it longer
        // than 15 bytes again; the kernel then refuses it, and a thread without a name is no harm.
        _ = unsafe pthread_setname_np(pthread_self(), shortName)
        body()
    }
}
