-- What keeps the receiver in order for years: what was taken out of it, and what its owner was told.

-- That someone was forgotten. Who it was stands here only until all of it is gone.
CREATE TABLE erasures (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  erasedAt INTEGER NOT NULL, -- when it was asked for, UTC milliseconds: nothing from before comes back
  finishedAt INTEGER,        -- null while it is under way
  removed TEXT NOT NULL,     -- JSON object: how many, by what they were
  keepsSuppressions INTEGER NOT NULL DEFAULT 0,
  target TEXT,                     -- JSON object: whom, and how far it is; null once finished
  turn INTEGER NOT NULL DEFAULT 0, -- when the schedule took it on last: UTC milliseconds
  tries INTEGER NOT NULL DEFAULT 0 -- since it got further last
) STRICT;

CREATE INDEX erasures_under_way ON erasures (turn, number) WHERE finishedAt IS NULL;

-- Who does not come back, as keyed digests: see `store/erased.ts`.
CREATE TABLE erased (
  digest TEXT PRIMARY KEY,
  erasedAt INTEGER NOT NULL,
  isRecorded INTEGER NOT NULL DEFAULT 0 -- whether the record outside the database has it
) STRICT, WITHOUT ROWID;

CREATE INDEX erased_unrecorded ON erased (digest) WHERE isRecorded = 0;

-- Hours whose totals cannot be made anew any more, as events were taken out of them.
CREATE TABLE frozen_hours (
  hour INTEGER PRIMARY KEY -- its beginning: UTC milliseconds
) STRICT;

-- The files that old events have moved to. A day with one is no longer counted from its events.
CREATE TABLE archive (
  day INTEGER NOT NULL,  -- its beginning: UTC milliseconds
  file INTEGER NOT NULL, -- counted from 1
  state TEXT NOT NULL,   -- begun; written, while its rows are deleted here; done
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  maxRows INTEGER NOT NULL DEFAULT 25000, -- events that it takes: fewer after a try that was cut off
  reached TEXT,                           -- JSON array: the key of the last event that was deleted here
  tries INTEGER NOT NULL DEFAULT 0,       -- since it got further last
  fault TEXT,                             -- why the last try failed, or that it was cut off
  PRIMARY KEY (day, file)
) STRICT, WITHOUT ROWID;

-- The few files that something is left to do for; who got nowhere waits for the others.
CREATE INDEX archive_open ON archive (tries, day, file) WHERE state <> 'done' OR fault IS NOT NULL;

-- Events that came in for a day after it had moved to the archive: whether they are there already is
-- looked up before they are counted.
CREATE TABLE late (
  occurredAt INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (occurredAt, id)
) STRICT, WITHOUT ROWID;

-- What is not as it should be, until it is again.
CREATE TABLE alerts (
  name TEXT PRIMARY KEY,
  message TEXT NOT NULL,
  beganAt INTEGER NOT NULL, -- UTC milliseconds
  toldAt INTEGER            -- when the owner was told last; null while that did not succeed
) STRICT, WITHOUT ROWID;

-- What events had that nobody documented, noted once: parameters, types of their values, statuses, channels.
CREATE TABLE unexpected (
  kind TEXT NOT NULL,   -- parameter, type, status or channel
  name TEXT NOT NULL,   -- empty if it may be personal data
  detail TEXT NOT NULL, -- of a type: what came instead, and whether it could be read
  seenAt INTEGER NOT NULL, -- first, UTC milliseconds
  PRIMARY KEY (kind, name, detail)
) STRICT, WITHOUT ROWID;

-- What each day used of what Cloudflare bills, and how the database grows.
CREATE TABLE usage (
  day INTEGER PRIMARY KEY, -- its beginning: UTC milliseconds
  rowsWritten INTEGER NOT NULL,
  rowsRead INTEGER NOT NULL,
  queueOperations INTEGER NOT NULL,
  databaseBytes INTEGER NOT NULL -- at the last look
) STRICT;

-- Single values that outlive a request.
CREATE TABLE notes (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions that somebody has signed out of, until they would end by themselves.
CREATE TABLE ended_sessions (
  session TEXT PRIMARY KEY,
  expiresAt INTEGER NOT NULL -- UTC milliseconds
) STRICT, WITHOUT ROWID;

-- The key of the digests in `erased`. It is as old as the database: whichever moment that is restored to,
-- digests from outside are still of this key.
INSERT INTO notes (name, value) VALUES ('erasure.key', lower(hex(randomblob(32))));
