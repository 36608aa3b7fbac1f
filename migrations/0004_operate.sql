-- What keeps the receiver in order for years: what was taken out of it, and what its owner was told.

-- That someone was forgotten. Who it was stands here only until all of it is gone.
CREATE TABLE erasures (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  erasedAt INTEGER NOT NULL, -- when it was asked for, UTC milliseconds: nothing from before comes back
  finishedAt INTEGER,        -- null while it is under way
  removed TEXT NOT NULL,     -- JSON object: how many, by what they were
  target TEXT                -- JSON object: whom, and how far it is; null once finished
) STRICT;

-- Who does not come back, as keyed digests: see `store/forget.ts`.
CREATE TABLE erased (
  digest TEXT PRIMARY KEY,
  erasedAt INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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
  PRIMARY KEY (day, file)
) STRICT, WITHOUT ROWID;

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
