// What becomes of a database that no longer holds together while it is written: it is set aside, and the log goes on in a new one.
// Every way into the database passes here, so that damage is noticed wherever it shows.

import GRDB

extension EventStore {
    /// One transaction.
    func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try noting { try queue.write(body) }
    }

    /// What needs none, or makes its own.
    func withoutTransaction<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try noting { try queue.writeWithoutTransaction(body) }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try noting { try queue.read(body) }
    }

    private func noting<Result>(_ body: () throws -> Result) throws(StoreError) -> Result {
        if let damage { throw damage }
        do { return try body() } catch {
            let error = StoreError(error, file: file)
            if case .damaged = error { damage = error }
            throw error
        }
    }

    /// Sets a damaged database aside, begins a new one and says so in it; does nothing while all is well. Called before whatever is to be stored. On a medium that
    /// damages one database after another it waits longer each time, a minute at most.
    ///
    /// - Throws: the damage, while it waits; what hinders the new database. Then it goes on where it failed when it is called again.
    func mend() throws(StoreError) {
        let now = clock.read()
        if let damage {
            guard now.uptime >= mendAt else { throw damage }
            mendAt = now.uptime + mendPause
            mendPause = min(2 * mendPause, 60_000_000)
            try? queue.close()
            aside = try Self.setAside(folder, now.utc)
            self.damage = nil
            isOpen = false
        }
        guard let aside else { return }
        if !isOpen {
            do throws(StoreError) { queue = try Self.openDatabase(file) } catch {
                if case .damaged = error { damage = error }
                throw error
            }
            isOpen = true
            isFull = nil
        }
        recovery = Recovery(setAside: aside, next: sequence + 1)
        if session != 0 {
            boot = try write { db in
                try insertSession(session, feed: feed, began: LogTime.text(now.utc), db)
                return try bootRow(db)
            }
            try store([Line(number: 0, text: recovery.line(session: session, sentAgain: 0, utc: now.utc))], now)
        }
        self.aside = nil
    }
}

extension Row {
    /// A column's value; nil where it is null or, in a damaged database, of another type. The subscript would trap.
    func value<Value: DatabaseValueConvertible>(_ column: String) -> Value? {
        try? decode(Value.self, forColumn: column)
    }
}
