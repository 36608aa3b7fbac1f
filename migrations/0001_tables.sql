-- Every event that Yespo reported, one per row. The primary key alone prevents duplicates and sorts pages, newest
-- first. The view `events` shows all columns in Yespo's spelling.
CREATE TABLE activity (
  occurredAt INTEGER NOT NULL, -- UTC milliseconds
  id BLOB NOT NULL,            -- 128 bits
  writeId INTEGER NOT NULL,    -- the transaction that stored it: when, in UTC milliseconds times 2^20, and a random number
  receivedAt INTEGER NOT NULL, -- when it first came in: UTC milliseconds
  origin TEXT NOT NULL,        -- what reported it first: webhook or api
  labels TEXT,                 -- JSON object: the request's headers that LABEL_HEADERS names
  extra TEXT,                  -- JSON object: values that no column can hold
  campaign INTEGER NOT NULL,   -- the nine parameters in `campaigns`
  activityDateTime ANY,        -- as it was sent; an integer if it is occurredAt in whole seconds, so many minutes ahead of UTC
  activityStatus TEXT,
  bundleId TEXT,
  clickEventLink TEXT,
  contactId INTEGER,
  email TEXT,
  externalCustomerId TEXT,
  hardBounce INTEGER,
  iid ANY,                     -- as it was sent; 16 bytes if it is a UUID in lower case, as in two columns below
  imId INTEGER,
  messageInstanceId INTEGER,
  mobilepush TEXT,
  osName TEXT,
  osType TEXT,
  sms TEXT,
  sourceEventId INTEGER,
  sourceEventKey ANY,
  sourceEventTypeKey TEXT,
  statusDescription TEXT,
  subscriptions TEXT,
  viewMessageLink TEXT,
  webpush TEXT,
  workflowInstanceId ANY,
  PRIMARY KEY (occurredAt, id)
) STRICT, WITHOUT ROWID;

-- A contact's deliveries, and whether an event is the first of its kind for its delivery: one look-up, however many
-- events the contact has. Without an iid, all events of a campaign are one delivery.
CREATE INDEX activity_by_contact
  ON activity (contactId, coalesce(nullif(iid, ''), campaign), activityStatus, occurredAt, id)
  WHERE contactId IS NOT NULL;

-- Events without a contact, for the same filters.
CREATE INDEX activity_nameless ON activity (occurredAt, id) WHERE contactId IS NULL;

-- The rare events that lists and the suppression feed look for, with all columns that explain a bounce.
CREATE INDEX activity_rare ON activity (
  activityStatus, occurredAt, id, hardBounce, campaign, contactId, email, statusDescription
) WHERE activityStatus IN ('UNDELIVERED', 'SPAM', 'UNSUBSCRIBED', 'SUBSCRIPTION_CHANGED');

-- The parameters that many events share: the same message, sent in the same way. Events are counted by campaign. In
-- order of arrival; every event has a campaign, even if all of its parameters are null.
CREATE TABLE campaigns (
  campaign INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE, -- the columns below as a JSON array, since no two nulls are equal to an index
  mediaType TEXT,
  messageId INTEGER,
  messageName TEXT,
  messageTag TEXT,
  broadcastId INTEGER,
  workflowId INTEGER,
  "from" TEXT,
  messageLanguageCode TEXT,
  workflowBlockId TEXT
) STRICT;

-- Every page and report about a campaign looks it up; it is written only once.
CREATE INDEX campaigns_by_message ON campaigns (messageId);
CREATE INDEX campaigns_by_broadcast ON campaigns (broadcastId);
CREATE INDEX campaigns_by_workflow ON campaigns (workflowId);

-- Events by campaign, hour and status, a column for each quarter of an hour, since days begin at a quarter in some
-- time zones. A contact counts at its first event of the kind for its delivery, and only there.
CREATE TABLE totals (
  campaign INTEGER NOT NULL,
  hour INTEGER NOT NULL,       -- its beginning: UTC milliseconds
  activityStatus TEXT NOT NULL,
  hardBounce INTEGER NOT NULL, -- -1: all events of the status; 0 and 1: those of them with this value; 2: no events, but
                               -- contacts whose delivery was counted before, as DELIVERED or as UNDELIVERED
  events0 INTEGER NOT NULL,
  events1 INTEGER NOT NULL,
  events2 INTEGER NOT NULL,
  events3 INTEGER NOT NULL,
  contacts0 INTEGER NOT NULL,
  contacts1 INTEGER NOT NULL,
  contacts2 INTEGER NOT NULL,
  contacts3 INTEGER NOT NULL,
  PRIMARY KEY (campaign, hour, activityStatus, hardBounce)
) STRICT, WITHOUT ROWID;

-- Events of all campaigns together, hour by hour, as soon as an hour is over: one row instead of hundreds of `totals`,
-- as a report of a month would read them. The schedule fills it in: see `db/derived/hours.ts`.
CREATE TABLE hours (
  hour INTEGER PRIMARY KEY, -- its beginning: UTC milliseconds
  events TEXT               -- JSON array: each status, with its events by quarter; null if more have come in since
) STRICT;

CREATE INDEX hours_stale ON hours (hour) WHERE events IS NULL;

-- What `totals` do not count, computed from the events of an hour and their deliveries once it is over: see
-- `db/rollups/roll-up.ts`. A large hour has several parts, and so has one whose day was archived, for what came in later.
CREATE TABLE rollups (
  kind TEXT NOT NULL,
  hour INTEGER NOT NULL, -- its beginning: UTC milliseconds
  part INTEGER NOT NULL, -- from 0
  counts TEXT NOT NULL,  -- JSON array of arrays
  PRIMARY KEY (kind, hour, part)
) STRICT, WITHOUT ROWID;

-- The links in `rollups`, without tracking parameters and personal data.
CREATE TABLE links (
  link INTEGER PRIMARY KEY,
  url TEXT NOT NULL UNIQUE
) STRICT;

-- The hours that have been rolled up, or wait for it.
CREATE TABLE rollup_hours (
  hour INTEGER PRIMARY KEY,         -- its beginning: UTC milliseconds
  state TEXT NOT NULL,              -- new, begun, done, or stale if its events have changed since
  since INTEGER NOT NULL,           -- when an event came in late: UTC milliseconds; 0 if none did
  tries INTEGER NOT NULL DEFAULT 0, -- since its last progress
  progress TEXT                     -- JSON array: whether it was stale, the next part, the last event of the part before
) STRICT;

CREATE INDEX rollup_hours_open ON rollup_hours (hour) WHERE state <> 'done';

-- When each contact was last delivered to and last read or clicked, by channel, in pages of contacts: see
-- `db/engagement/fold.ts`. A page has the contacts from its key to that of the next page.
CREATE TABLE engagement (
  mediaType TEXT NOT NULL,
  firstContactId INTEGER NOT NULL, -- of the first page of a channel: the smallest integer
  contacts TEXT NOT NULL,          -- JSON array of arrays: contact, last day of delivery, last day of engagement; days since
                                   -- 1970 in UTC, or null
  PRIMARY KEY (mediaType, firstContactId)
) STRICT, WITHOUT ROWID;

-- What is to be folded into `engagement`, in order of channels and contacts.
CREATE TABLE engagement_parts (
  part INTEGER PRIMARY KEY,
  contacts TEXT NOT NULL -- JSON array of arrays: channel, and the same as in a page
) STRICT;

-- Events in Yespo's spelling, for queries by hand.
CREATE VIEW events AS
SELECT occurredAt, lower(hex(id)) AS id, receivedAt, origin, labels, extra,
  CASE typeof(activityDateTime) WHEN 'integer'
    THEN strftime('%Y-%m-%dT%H:%M:%S', occurredAt / 1000 + 60 * activityDateTime, 'unixepoch')
    ELSE activityDateTime END AS activityDateTime,
  activityStatus, broadcastId, bundleId, clickEventLink, contactId, email, externalCustomerId, "from", hardBounce,
  CASE typeof(iid) WHEN 'blob' THEN lower(format('%s-%s-%s-%s-%s', substr(hex(iid), 1, 8), substr(hex(iid), 9, 4), substr(hex(iid), 13, 4), substr(hex(iid), 17, 4), substr(hex(iid), 21)))
    ELSE iid END AS iid,
  imId, mediaType, messageId, messageInstanceId, messageLanguageCode, messageName, messageTag, mobilepush, osName,
  osType, sms, sourceEventId,
  CASE typeof(sourceEventKey) WHEN 'blob' THEN lower(format('%s-%s-%s-%s-%s', substr(hex(sourceEventKey), 1, 8), substr(hex(sourceEventKey), 9, 4), substr(hex(sourceEventKey), 13, 4), substr(hex(sourceEventKey), 17, 4), substr(hex(sourceEventKey), 21)))
    ELSE sourceEventKey END AS sourceEventKey,
  sourceEventTypeKey, statusDescription, subscriptions, viewMessageLink, webpush, workflowBlockId, workflowId,
  CASE typeof(workflowInstanceId) WHEN 'blob' THEN lower(format('%s-%s-%s-%s-%s', substr(hex(workflowInstanceId), 1, 8), substr(hex(workflowInstanceId), 9, 4), substr(hex(workflowInstanceId), 13, 4), substr(hex(workflowInstanceId), 17, 4), substr(hex(workflowInstanceId), 21)))
    ELSE workflowInstanceId END AS workflowInstanceId
FROM activity JOIN campaigns USING (campaign);

-- The identifiers of contacts, as events have them. Only a new one is written.
CREATE TABLE contact_identifiers (
  contactId INTEGER NOT NULL,
  name TEXT NOT NULL,     -- the parameter: email, sms, externalCustomerId, webpush or mobilepush
  key TEXT NOT NULL,      -- the normalized identifier: see `event/identifier.ts`
  original TEXT NOT NULL, -- as it was sent; empty if it was sent normalized
  PRIMARY KEY (contactId, name, key, original)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_identifiers_by_key ON contact_identifiers (key, name)
  WHERE name IN ('email', 'sms', 'externalCustomerId');

-- Addresses and contacts that should not be contacted any more, in order of arrival. Outlives the events.
CREATE TABLE suppressions (
  number INTEGER PRIMARY KEY AUTOINCREMENT, -- never assigned twice, even if the last one is deleted
  occurredAt INTEGER NOT NULL,
  id BLOB NOT NULL,
  reason TEXT NOT NULL, -- HARD_BOUNCE, SPAM or UNSUBSCRIBED
  mediaType TEXT,
  address TEXT,         -- in that channel, or else the one that the event has
  addressType TEXT,     -- the parameter that has it as its value
  contactId INTEGER,
  externalCustomerId TEXT,
  statusDescription TEXT,
  UNIQUE (occurredAt, id)
) STRICT;

-- Items that are not valid events, exactly as they were sent, in parts if they are long.
CREATE TABLE quarantine (
  request TEXT NOT NULL,         -- 128 bits of the SHA-256 of the body, base64url
  elementIndex INTEGER NOT NULL, -- in that body, from 0
  part INTEGER NOT NULL,         -- from 0
  kind TEXT NOT NULL,            -- element, bytes (one that is not UTF-8: a character for each byte), body, bodyBytes or message
  reason TEXT NOT NULL,
  receivedAt INTEGER NOT NULL,   -- UTC milliseconds
  origin TEXT NOT NULL,
  labels TEXT,
  sent TEXT NOT NULL,
  PRIMARY KEY (request, elementIndex, part)
) STRICT, WITHOUT ROWID;

-- Quarantined items, newest first; counting them by reason does not read what was sent.
CREATE INDEX quarantine_by_time ON quarantine (receivedAt, request, elementIndex, reason, kind) WHERE part = 0;

-- Bodies that are too large to be parsed in one invocation: the consumer takes them step by step.
CREATE TABLE large_bodies (
  body TEXT PRIMARY KEY,         -- 128 bits of its SHA-256, base64url
  parts INTEGER NOT NULL,
  receivedAt INTEGER NOT NULL,   -- UTC milliseconds
  origin TEXT NOT NULL,
  labels TEXT,
  zone TEXT NOT NULL,            -- of times that carry none, an IANA name
  isUtf8 INTEGER NOT NULL,       -- otherwise its parts have a character for each byte
  position INTEGER NOT NULL DEFAULT 0, -- bytes that are done
  elements INTEGER NOT NULL DEFAULT 0, -- elements in them
  ids TEXT NOT NULL DEFAULT '',        -- 16 characters for each event in them: the beginning of its ID as if it came alone
  shape TEXT,                          -- array, or objects in a row; null until the first step
  tries INTEGER NOT NULL DEFAULT 0,    -- of the next step
  finishedAt INTEGER                   -- UTC milliseconds; kept for a while, as parts may arrive again
) STRICT;

CREATE TABLE body_parts (
  body TEXT NOT NULL,
  part INTEGER NOT NULL,  -- from 0
  start INTEGER NOT NULL, -- index of its first byte
  content TEXT NOT NULL,
  PRIMARY KEY (body, part)
) STRICT, WITHOUT ROWID;

-- Erasures of personal data. The data subject is stored only until all their data is gone.
CREATE TABLE erasures (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  erasedAt INTEGER NOT NULL, -- when it was requested, UTC milliseconds: nothing older comes back
  finishedAt INTEGER,        -- null while it is under way
  removed TEXT NOT NULL,     -- JSON object: how many of each kind
  keepsSuppressions INTEGER NOT NULL DEFAULT 0,
  target TEXT,                     -- JSON object: the data subject, and the progress; null once finished
  turn INTEGER NOT NULL DEFAULT 0, -- when the schedule last worked on it: UTC milliseconds
  tries INTEGER NOT NULL DEFAULT 0 -- since its last progress
) STRICT;

CREATE INDEX erasures_under_way ON erasures (turn, number) WHERE finishedAt IS NULL;

-- Keyed digests of erased data subjects, so that their data does not come back: see `db/erasure/tombstones.ts`.
CREATE TABLE tombstones (
  digest TEXT PRIMARY KEY,
  erasedAt INTEGER NOT NULL,
  isRecorded INTEGER NOT NULL DEFAULT 0 -- whether the record outside the database has it
) STRICT, WITHOUT ROWID;

CREATE INDEX tombstones_unrecorded ON tombstones (digest) WHERE isRecorded = 0;

-- Hours whose totals cannot be rebuilt any more, as some of their events were deleted.
CREATE TABLE frozen_hours (
  hour INTEGER PRIMARY KEY -- its beginning: UTC milliseconds
) STRICT;

-- The files that old events have moved to. The metadata of the archive's Iceberg table are made from these rows.
CREATE TABLE archive (
  file INTEGER PRIMARY KEY AUTOINCREMENT, -- never assigned twice
  month INTEGER NOT NULL,                 -- its beginning: UTC milliseconds
  version INTEGER NOT NULL DEFAULT 1,     -- of its object in the bucket, which never changes: a rewritten file has another
  state TEXT NOT NULL,                    -- begun; written, while its rows are deleted here; merging, until the table has it; done
  day INTEGER,                            -- whose events it takes: its beginning, UTC milliseconds; null if it was merged
  level INTEGER NOT NULL DEFAULT 0,       -- 0 as moved, n if merged from files of n - 1
  run INTEGER,                            -- files of a run have different contacts; null if it is one by itself
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  firstAt INTEGER,                        -- the first and the last `occurredAt` in it
  lastAt INTEGER,
  minContact INTEGER,                     -- the least and the greatest `contactId` in it
  maxContact INTEGER,
  withoutContact INTEGER NOT NULL DEFAULT 0, -- events without a contact
  maxRows INTEGER NOT NULL DEFAULT 25000, -- events in it at most: fewer after a try that was cut off
  reached TEXT,                           -- JSON array: the key of the last event that was deleted here
  tries INTEGER NOT NULL DEFAULT 0,       -- since its last progress
  error TEXT                              -- why the last try failed, or that it was cut off
) STRICT;

-- The few files with something left to do; one that makes no progress waits for the others.
CREATE INDEX archive_open ON archive (tries, file) WHERE state <> 'done' OR error IS NOT NULL;

CREATE INDEX archive_by_month ON archive (month, level);

-- The first file of each run: a month has few runs, which are merged into fewer.
CREATE INDEX archive_runs ON archive (month, level) WHERE state = 'done' AND error IS NULL AND (run IS NULL OR run = file);

-- The days whose events have begun to move: a day that has is no longer counted from its events.
CREATE TABLE archive_days (
  day INTEGER PRIMARY KEY -- its beginning: UTC milliseconds
) STRICT;

-- Objects in the bucket that the archive's table no longer has.
CREATE TABLE archive_garbage (
  key TEXT PRIMARY KEY,
  since INTEGER NOT NULL -- UTC milliseconds
) STRICT, WITHOUT ROWID;

-- Events of an archived day that came in late: they are counted only once the archive was searched for them, as it may
-- have them already.
CREATE TABLE late_arrivals (
  occurredAt INTEGER NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (occurredAt, id)
) STRICT, WITHOUT ROWID;

-- Problems, for as long as they last.
CREATE TABLE alerts (
  name TEXT PRIMARY KEY,
  message TEXT NOT NULL,
  beganAt INTEGER NOT NULL, -- UTC milliseconds
  notifiedAt INTEGER        -- when the operator was last notified; null if that failed so far
) STRICT, WITHOUT ROWID;

-- Undocumented parameters, types of values, statuses and channels of events, each recorded once.
CREATE TABLE unexpected (
  kind TEXT NOT NULL,      -- parameter, type, status or channel
  name TEXT NOT NULL,      -- empty if it may be personal data
  detail TEXT NOT NULL,    -- of a type: the one that came instead, and whether it could be read
  seenAt INTEGER NOT NULL, -- first, UTC milliseconds
  PRIMARY KEY (kind, name, detail)
) STRICT, WITHOUT ROWID;

-- Each day's use of what Cloudflare bills, and the size of the database.
CREATE TABLE usage (
  day INTEGER PRIMARY KEY, -- its beginning: UTC milliseconds
  rowsWritten INTEGER NOT NULL,
  rowsRead INTEGER NOT NULL,
  queueOperations INTEGER NOT NULL,
  databaseBytes INTEGER NOT NULL, -- when last measured
  storedAt INTEGER NOT NULL,      -- when a new event was last stored: UTC milliseconds, 0 if never
  receivedAt INTEGER NOT NULL,    -- when the webhook's last event came in
  lag INTEGER                     -- its delay from the edge to the database: milliseconds
) STRICT;

-- Single values that outlive a request: see `db/kv.ts`.
CREATE TABLE key_values (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions that were ended by signing out, until they would have expired.
CREATE TABLE ended_sessions (
  session TEXT PRIMARY KEY,
  expiresAt INTEGER NOT NULL -- UTC milliseconds
) STRICT, WITHOUT ROWID;

-- The key of the digests in `tombstones`. It is made with the database, so digests that are kept elsewhere match
-- whichever moment the database is restored to.
INSERT INTO key_values (name, value) VALUES ('erasure.key', lower(hex(randomblob(32))));

-- Periods that are read from Yespo's API, to fill in what the webhook missed, or to show that it missed nothing. A sync
-- run is carried by messages, and finished when `time_slices` cover all of it.
CREATE TABLE sync_runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,     -- schedule or backfill
  since INTEGER NOT NULL, -- UTC milliseconds, at an hour
  until INTEGER NOT NULL, -- not included, at an hour
  state TEXT NOT NULL,    -- running, finished, cancelled or stopped
  error TEXT,             -- why it was stopped, or what it could not read
  delay TEXT,             -- why it waits
  beganAt INTEGER NOT NULL,
  movedAt INTEGER NOT NULL, -- when a part of it was last read or sent
  tries INTEGER NOT NULL,   -- how often it was sent since a part of it was read
  sent INTEGER NOT NULL,    -- how often it was sent in all: earlier messages are dropped
  finishedAt INTEGER
) STRICT;

CREATE INDEX sync_runs_running ON sync_runs (movedAt) WHERE state = 'running';

-- The parts of a sync run that were read; they neither overlap nor touch.
CREATE TABLE time_slices (
  run INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (run, since, until)
) STRICT, WITHOUT ROWID;

-- Which time zones Yespo's times were read in, and when: what was stored by another zone than today's may be the same
-- event at another time. Written only when a setting changes, and when the API is read further back than before.
CREATE TABLE zone_history (
  source TEXT NOT NULL,   -- webhook or api
  zone TEXT NOT NULL,
  since INTEGER NOT NULL, -- UTC milliseconds: when it came into use, or the earliest event that was stored by it
  until INTEGER           -- when another zone came into use; null if none has
) STRICT;

CREATE UNIQUE INDEX zone_history_current ON zone_history (source, zone) WHERE until IS NULL;

-- How many events of an hour the webhook and the API had when it was last read; or of a part of an hour, if it was read
-- in parts. Parts are halves of hours, and halves of those, so they never overlap unless one contains the other. If
-- there is a row for the whole hour, too, its parts were read later and are not complete yet: the whole hour counts.
CREATE TABLE coverage (
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  activityStatus TEXT NOT NULL,
  mediaType TEXT NOT NULL,
  both INTEGER NOT NULL,
  webhookOnly INTEGER NOT NULL,
  apiOnly INTEGER NOT NULL,
  PRIMARY KEY (since, until, activityStatus, mediaType)
) STRICT, WITHOUT ROWID;

-- Events that came from the API first, and by the webhook later.
CREATE TABLE confirmed_events (
  occurredAt INTEGER NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (occurredAt, id)
) STRICT, WITHOUT ROWID;
