// Threads, a lock with a condition, and the number of processors, straight from the C library.
// Foundation has them too, and loading it takes as long as classifying ten exams.

import CPrecordiaSystem
import Glibc

/// A lock, and a condition that waits for what others change under it.
package final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` alone.
    package func withLock<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Lets others in until one of them calls ``broadcast()``, or for no reason at all. Within ``withLock(_:)``.
    package func wait() { pthread_cond_wait(changed, mutex) }

    /// Wakes all who wait.
    package func broadcast() { pthread_cond_broadcast(changed) }
}

/// Threads that nobody waits for.
package enum Workers {
    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    /// Runs `body` on a thread of its own with a stack of 4 MiB.
    ///
    /// - Returns: false if the system has no thread left.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, 4 << 20)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let held = Unmanaged.passRetained(Body(body))
        let status = pthread_create(
            &thread, &attributes,
            { held in
                Unmanaged<Body>.fromOpaque(held!).takeRetainedValue().run()
                return nil
            }, held.toOpaque())
        if status != 0 { held.release() }
        return status == 0
    }
}

/// The machine as far as a command wants to know it.
package enum Machine {
    /// Processors that are switched on.
    package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// A variable of the environment.
    package static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
