// Many jobs on several threads, their results in the order of the jobs.
// Results wait in a ring of fixed size, so that one slow exam cannot make the program grow.

/// Runs numbered jobs on threads and hands over the results in order.
package final class OrderedJobs<Output: Sendable>: @unchecked Sendable {
    private let monitor = Monitor()
    private let count: Int
    private var slots: [Output?]
    private var next = 0
    private var emitted = 0
    private var isStopped = false
    private var working = 0

    /// - Parameters:
    ///   - count: jobs in all.
    ///   - threads: how many at a time, 1 or more.
    package init(count: Int, threads: Int) {
        precondition(count >= 0 && threads >= 1)
        self.count = count
        slots = Array(repeating: nil, count: threads * 4)
        working = min(threads, max(1, count))
    }

    /// Runs all jobs and returns when the last result was handed over.
    ///
    /// - Parameters:
    ///   - worker: called once on each thread; gives the function that does a job by its number.
    ///   - emit: called on the caller's thread with each result, in order. When it throws, no further job is begun.
    package func run<Failure: Error>(
        worker: @escaping @Sendable () -> (Int) -> Output, emit: (Output) throws(Failure) -> Void
    ) throws(Failure) {
        let wanted = working
        var refused = 0
        for _ in 0..<wanted where !Workers.start({ self.work(worker()) }) { refused += 1 }
        monitor.withLock { working -= refused }
        if refused == wanted { return try runAlone(worker(), emit: emit) }
        defer { waitForThreads() }
        while let output = take() {
            do throws(Failure) {
                try emit(output)
            } catch {
                stop()
                throw error
            }
        }
    }

    /// On the caller's own thread, where the system gives no other.
    private func runAlone<Failure: Error>(_ job: (Int) -> Output, emit: (Output) throws(Failure) -> Void) throws(Failure) {
        while let number = begin() {
            try emit(job(number))
            monitor.withLock { emitted += 1 }
        }
    }

    /// No further job is begun; those under way end and their results are dropped.
    package func stop() {
        monitor.withLock {
            isStopped = true
            monitor.broadcast()
        }
    }

    private func work(_ job: (Int) -> Output) {
        while let number = begin() {
            let output = job(number)
            monitor.withLock {
                slots[number % slots.count] = output
                monitor.broadcast()
            }
        }
        monitor.withLock {
            working -= 1
            monitor.broadcast()
        }
    }

    private func begin() -> Int? {
        monitor.withLock {
            while !isStopped && next < count && next - emitted >= slots.count { monitor.wait() }
            guard !isStopped, next < count else { return nil }
            next += 1
            return next - 1
        }
    }

    private func take() -> Output? {
        monitor.withLock {
            guard emitted < count else { return nil }
            let place = emitted % slots.count
            while slots[place] == nil && !isStopped { monitor.wait() }
            guard let output = slots[place] else { return nil }
            slots[place] = nil
            emitted += 1
            monitor.broadcast()
            return output
        }
    }

    private func waitForThreads() {
        monitor.withLock {
            while working > 0 { monitor.wait() }
        }
    }
}
