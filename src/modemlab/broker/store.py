"""The embedded broker's store: what outlives it, in an SQLite file.

What `modemlab.mqtt.session_changes` tells is written in one transaction a call, before the broker sends what follows
from it. A process that is killed leaves a file that opens, with every transaction; after a power cut the last ones may
be missing, none by half.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from modemlab.mqtt import session_changes as changes
from modemlab.mqtt.packets import Publish
from modemlab.mqtt.session_changes import Change, KeptSession, Snapshot, StoreError
from modemlab.ports.error_texts import words_of

APPLICATION_ID = 0x6D6C6272
"""What SQLite keeps of the kind of a file: "mlbr"."""

SCHEMA_VERSION = 1
"""That of the tables."""

TABLES = """
CREATE TABLE session (client_id TEXT PRIMARY KEY, since REAL) WITHOUT ROWID;
CREATE TABLE subscription (client_id TEXT, filter TEXT, qos INTEGER, PRIMARY KEY (client_id, filter)) WITHOUT ROWID;
CREATE TABLE message (number INTEGER PRIMARY KEY, client_id TEXT, packet_id INTEGER, topic TEXT, payload BLOB,
    qos INTEGER, retain INTEGER);
CREATE INDEX message_of ON message (client_id, packet_id, number);
CREATE TABLE released (number INTEGER PRIMARY KEY, client_id TEXT, packet_id INTEGER);
CREATE INDEX released_of ON released (client_id, packet_id);
CREATE TABLE received (client_id TEXT, packet_id INTEGER, PRIMARY KEY (client_id, packet_id)) WITHOUT ROWID;
CREATE TABLE retained (topic TEXT PRIMARY KEY, payload BLOB, qos INTEGER) WITHOUT ROWID;
"""

_INTO_MESSAGE = "INSERT INTO message (client_id, packet_id, topic, payload, qos, retain) VALUES (?, ?, ?, ?, ?, ?)"
_FIRST_QUEUED = "SELECT min(number) FROM message WHERE client_id = ? AND packet_id IS NULL"

STATEMENTS: dict[type[Change], tuple[str, ...]] = {
    changes.Begun: ("INSERT OR REPLACE INTO session VALUES (?, NULL)",),
    changes.Left: ("UPDATE session SET since = ?2 WHERE client_id = ?1",),
    changes.Forgotten: tuple(
        f"DELETE FROM {table} WHERE client_id = ?"
        for table in ("subscription", "message", "released", "received", "session")
    ),
    changes.Subscribed: ("INSERT OR REPLACE INTO subscription VALUES (?, ?, ?)",),
    changes.Unsubscribed: ("DELETE FROM subscription WHERE client_id = ? AND filter = ?",),
    changes.Queued: (_INTO_MESSAGE,),
    changes.Sent: (_INTO_MESSAGE,),
    changes.Unqueued: (f"UPDATE message SET packet_id = ?2 WHERE number = ({_FIRST_QUEUED.replace('?', '?1')})",),
    changes.Settled: ("DELETE FROM message WHERE client_id = ? AND packet_id = ?",),
    changes.Released: ("INSERT INTO released (client_id, packet_id) VALUES (?, ?)",),
    changes.ReleaseDone: ("DELETE FROM released WHERE client_id = ? AND packet_id = ?",),
    changes.Incoming: ("INSERT OR IGNORE INTO received VALUES (?, ?)",),
    changes.Freed: ("DELETE FROM received WHERE client_id = ? AND packet_id = ?",),
    changes.RetainedSet: ("INSERT OR REPLACE INTO retained VALUES (?, ?, ?)",),
    changes.Cleared: ("DELETE FROM retained WHERE topic = ?",),
}
"""What stores each kind of change, a row as `_row` has it."""


class Store:
    """A store that is open; nobody else has it meanwhile."""

    def __init__(self, path: str | Path, wall: Callable[[], float] = time.time) -> None:
        """Open it, or make it, readable for nobody else; it belongs to this thread. `wall` gives the seconds since
        1970. Raises StoreError.
        """
        self.path = path = Path(path)
        self._wall = wall
        self._connection = _connect(path)

    def load(self, now: float) -> Snapshot:
        """All that is stored; times become those of the clock that says `now`. Raises StoreError."""
        ahead = now - self._wall()
        try:
            return _load(self._connection, now, ahead)
        except (sqlite3.Error, TypeError, ValueError) as error:
            raise self._failed("it is damaged", error) from None

    def save(self, made: Sequence[Change], now: float) -> None:
        """Store changes, all or none. Raises StoreError."""
        ahead = now - self._wall()
        cursor = self._connection.cursor()
        try:
            cursor.execute("BEGIN")
            for kind, same in groupby(made, type):
                rows = [_row(change, ahead) for change in same]
                for statement in STATEMENTS[kind]:
                    cursor.executemany(statement, rows)
            cursor.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed("it cannot be written", error) from None

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def _failed(self, what: str, error: Exception) -> StoreError:
        return StoreError(f"{self.path}: {what}: {error}")


def _connect(path: Path) -> sqlite3.Connection:
    try:
        if path.exists() and not path.is_file():
            raise StoreError(f"{path}: exists, but is not a regular file")
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(f"{path}: {words_of(error)}") from None
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        # Nothing is written to a file before it is known to be a store.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        application, version, tables = (
            connection.execute(f"SELECT * FROM {source}").fetchone()[0]
            for source in ("pragma_application_id", "pragma_user_version", "(SELECT count(*) FROM sqlite_schema)")
        )
        if application != APPLICATION_ID and (application or version or tables):
            raise StoreError(f"{path}: an SQLite file, but not a store of this broker")
        if application and version != SCHEMA_VERSION:
            raise StoreError(f"{path}: a store of version {version}, but this program reads version {SCHEMA_VERSION}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        if not application:
            for statement in TABLES.split(";")[:-1]:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(f"{path}: {_reason(error)}") from None
    except StoreError:
        connection.close()
        raise
    return connection


def _reason(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return "another broker uses this store"
    if code == sqlite3.SQLITE_NOTADB:
        return "not a store of a broker"
    return str(error)


def _row(change: Change, ahead: float) -> tuple[Any, ...]:
    """A change as a statement takes it; times as seconds since 1970."""
    if isinstance(change, changes.Queued):
        return (change.client_id, None, *change.message[:4])
    if isinstance(change, changes.Sent):
        return (change.client_id, change.packet_id, *change.message[:4])
    if isinstance(change, changes.RetainedSet):
        return change.message[:3]
    if isinstance(change, changes.Left) and change.at is not None:
        return change.client_id, change.at - ahead
    return change


def _load(connection: sqlite3.Connection, now: float, ahead: float) -> Snapshot:
    def grouped(columns: str, table: str, order: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for client_id, *row in connection.execute(f"SELECT client_id, {columns} FROM {table} ORDER BY {order}"):
            found.setdefault(client_id, []).append(row)
        return found

    subscriptions = grouped("filter, qos", "subscription", "filter")
    messages = grouped("packet_id, topic, payload, qos, retain", "message", "packet_id IS NULL, number")
    released, received = grouped("packet_id", "released", "number"), grouped("packet_id", "received", "packet_id")
    sessions = tuple(
        KeptSession(
            client_id,
            now if since is None else since + ahead,
            tuple((topic_filter, qos) for topic_filter, qos in subscriptions.get(client_id, ())),
            tuple(
                (packet_id, Publish(str(topic), bytes(payload), int(qos), retain == 1))
                for packet_id, topic, payload, qos, retain in messages.get(client_id, ())
            ),
            tuple(packet_id for (packet_id,) in released.get(client_id, ())),
            tuple(packet_id for (packet_id,) in received.get(client_id, ())),
        )
        for client_id, since in connection.execute("SELECT client_id, since FROM session")
    )
    retained = tuple(
        Publish(topic, bytes(payload), qos, True)
        for topic, payload, qos in connection.execute("SELECT topic, payload, qos FROM retained ORDER BY topic")
    )
    return Snapshot(sessions, retained)
