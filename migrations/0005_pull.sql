-- What was read from Yespo's own API, to fill what the webhook missed and to show that it missed nothing.

-- A stretch of time to read. It is carried by messages, and finished when all of it is among the windows.
CREATE TABLE pulls (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,    -- schedule or backfill
  since INTEGER NOT NULL, -- UTC milliseconds, at an hour
  until INTEGER NOT NULL, -- not included, at an hour
  state TEXT NOT NULL,   -- running, finished, cancelled or stopped
  fault TEXT,            -- why it was stopped, or what it could not read
  delay TEXT,            -- what it waits for
  beganAt INTEGER NOT NULL,
  movedAt INTEGER NOT NULL, -- when something of it was read or sent last
  tries INTEGER NOT NULL,   -- how often it was sent since something of it was read
  sent INTEGER NOT NULL,    -- how often it was sent in all: messages of before are dropped
  finishedAt INTEGER
) STRICT;

CREATE INDEX pulls_running ON pulls (movedAt) WHERE state = 'running';

-- What of a pull was read: stretches that neither overlap nor touch.
CREATE TABLE windows (
  pull INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (pull, since, until)
) STRICT, WITHOUT ROWID;

-- Who saw the events of an hour, or of a part of it that was read by itself, when it was read last. Parts are
-- halves of hours, and halves of these, so they lie apart or within each other. Parts of an hour that is noted as
-- a whole, too, were read later, and do not make up all of it yet: the whole counts.
CREATE TABLE coverage (
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  activityStatus TEXT NOT NULL,
  mediaType TEXT NOT NULL,
  seenByBoth INTEGER NOT NULL,
  webhookAlone INTEGER NOT NULL,
  apiAlone INTEGER NOT NULL,
  PRIMARY KEY (since, until, activityStatus, mediaType)
) STRICT, WITHOUT ROWID;

-- Events that came from the API first, and by the webhook later.
CREATE TABLE brought (
  occurredAt INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (occurredAt, id)
) STRICT, WITHOUT ROWID;
