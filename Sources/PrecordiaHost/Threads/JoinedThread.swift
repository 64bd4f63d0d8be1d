// A thread that takes no signals and is waited for at its end.
// Apart from `Workers`, whose threads are detached: a sound card must be closed before the program ends.

import CPrecordiaSystem
import Glibc

/// A thread that runs until its body returns.
package final class JoinedThread {
    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    /// Starts `body`; nil if the system has no thread left.
    package init?(_ body: @escaping () -> Void) {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let context = Unmanaged.passRetained(Body(body))
        let code = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            return nil
        }
    }

    /// Waits until the body has returned.
    package func join() { pthread_join(thread, nil) }

    /// Waits at most so many seconds; whether it has returned.
    package func join(seconds: Int32) -> Bool { precordia_join(thread, seconds) == 0 }
}
