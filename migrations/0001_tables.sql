-- What Yespo reported, one row an event. The key alone keeps an event from being stored twice and gives the
-- newest first. The view `events` shows all of it in Yespo's spelling.
CREATE TABLE activity (
  occurredAt INTEGER NOT NULL, -- when it happened: UTC milliseconds
  id BLOB NOT NULL,            -- 128 bits
  savedBy INTEGER NOT NULL,    -- the transaction that stored it: when, in UTC milliseconds times 2^20, and a random number
  receivedAt INTEGER NOT NULL, -- when it first came in: UTC milliseconds
  origin TEXT NOT NULL,        -- what first confirmed it: webhook or api
  labels TEXT,                 -- JSON object: the request's headers that LABEL_HEADERS names
  extra TEXT,                  -- JSON object: whatever was sent that no column can hold
  campaign INTEGER NOT NULL,   -- the seven parameters that `campaigns` has
  activityDateTime ANY,        -- as it was sent; an integer if that is occurredAt in whole seconds, so many minutes ahead of UTC
  activityStatus TEXT,
  bundleId TEXT,
  clickEventLink TEXT,
  contactId INTEGER,
  email TEXT,
  externalCustomerId TEXT,
  hardBounce INTEGER,
  iid ANY,                     -- as it was sent; 16 bytes if that is a UUID in lower case, as in two columns below
  imId INTEGER,
  messageInstanceId INTEGER,
  messageLanguageCode TEXT,
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
  workflowBlockId TEXT,
  workflowInstanceId ANY,
  PRIMARY KEY (occurredAt, id)
) STRICT, WITHOUT ROWID;

-- A contact's deliveries, and whether an event is the first of its kind for its delivery: one look-up, however much
-- the contact has. Without an iid, a delivery is one of all of its campaign's.
CREATE INDEX activity_by_contact
  ON activity (contactId, coalesce(nullif(iid, ''), campaign), activityStatus, occurredAt, id)
  WHERE contactId IS NOT NULL;

-- Events that name no contact: they are looked for by the same filters.
CREATE INDEX activity_nameless ON activity (occurredAt, id) WHERE contactId IS NULL;

-- The few events that lists and the feed of suppressions are after, with all that explains a bounce.
CREATE INDEX activity_rare ON activity (
  activityStatus, occurredAt, id, hardBounce, campaign, contactId, email, statusDescription
) WHERE activityStatus IN ('UNDELIVERED', 'SPAM', 'UNSUBSCRIBED', 'SUBSCRIPTION_CHANGED');

-- What many events share, and what is counted together: the same message, sent in the same way. In order of
-- arrival; every event has one, if only that of all nulls.
CREATE TABLE campaigns (
  campaign INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE, -- the columns below as a JSON array: no two nulls are alike to an index
  mediaType TEXT,
  messageId INTEGER,
  messageName TEXT,
  messageTag TEXT,
  broadcastId INTEGER,
  workflowId INTEGER,
  "from" TEXT
) STRICT;

-- A campaign is written once and looked for with each page and report about it.
CREATE INDEX campaigns_by_message ON campaigns (messageId);
CREATE INDEX campaigns_by_broadcast ON campaigns (broadcastId);
CREATE INDEX campaigns_by_workflow ON campaigns (workflowId);

-- Events by campaign, hour and status, one column a quarter of an hour: days begin at a quarter in some
-- time zones. A contact counts at its first event of the kind for its delivery, and only there.
CREATE TABLE totals (
  campaign INTEGER NOT NULL,
  hour INTEGER NOT NULL,       -- its beginning: UTC milliseconds
  activityStatus TEXT NOT NULL,
  hardBounce INTEGER NOT NULL, -- -1: all events of the status; 0 and 1: those of them that say so; 2: no events, but
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

-- Events of all campaigns together, hour by hour, as soon as an hour is over: a row instead of the hundreds of
-- `totals` that a look at a month would go through. Filled in by the schedule, see `store/hours.ts`.
CREATE TABLE hours (
  hour INTEGER PRIMARY KEY, -- its beginning: UTC milliseconds
  events TEXT               -- JSON array: of each status itself and the events of each quarter; null since more came in
) STRICT;

CREATE INDEX hours_stale ON hours (hour) WHERE events IS NULL;

-- Events in Yespo's spelling, for whoever asks in SQL.
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

-- By what identifiers a contact was seen. Written only when one is new.
CREATE TABLE contact_identifiers (
  contactId INTEGER NOT NULL,
  name TEXT NOT NULL,     -- the parameter: email, sms, externalCustomerId, webpush or mobilepush
  key TEXT NOT NULL,      -- the identifier, the same however it is written: see `event/identifier.ts`
  spelling TEXT NOT NULL, -- as it was sent; empty if that is the key
  PRIMARY KEY (contactId, name, key, spelling)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_identifiers_by_key ON contact_identifiers (key, name)
  WHERE name IN ('email', 'sms', 'externalCustomerId');

-- SuppressedSubject not to write to any more, in order of arrival. Outlives the events.
CREATE TABLE suppressions (
  number INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice, even where the last one is deleted
  occurredAt INTEGER NOT NULL,
  id BLOB NOT NULL,
  reason TEXT NOT NULL, -- HARD_BOUNCE, SPAM or UNSUBSCRIBED
  mediaType TEXT,
  address TEXT,         -- in that channel, or else the one that the event has
  addressType TEXT,     -- the parameter that it is the value of
  contactId INTEGER,
  externalCustomerId TEXT,
  statusDescription TEXT,
  UNIQUE (occurredAt, id)
) STRICT;

-- What could not become an activity, exactly as it was sent, in parts where it is long.
CREATE TABLE quarantine (
  request TEXT NOT NULL,         -- 128 bits of the SHA-256 of the body it was in, base64url
  elementIndex INTEGER NOT NULL, -- its place in that body, from 0
  part INTEGER NOT NULL,         -- from 0
  kind TEXT NOT NULL,            -- element, bytes (one that is not UTF-8: a character for each byte), body, bodyBytes or message
  reason TEXT NOT NULL,
  receivedAt INTEGER NOT NULL,   -- UTC milliseconds
  origin TEXT NOT NULL,
  labels TEXT,
  sent TEXT NOT NULL,
  PRIMARY KEY (request, elementIndex, part)
) STRICT, WITHOUT ROWID;

-- What was set aside, the newest first; counting it by reason needs no look at what was sent.
CREATE INDEX quarantine_by_time ON quarantine (receivedAt, request, elementIndex, reason, kind) WHERE part = 0;

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
CREATE TABLE tombstones (
  digest TEXT PRIMARY KEY,
  erasedAt INTEGER NOT NULL,
  isRecorded INTEGER NOT NULL DEFAULT 0 -- whether the record outside the database has it
) STRICT, WITHOUT ROWID;

CREATE INDEX tombstones_unrecorded ON tombstones (digest) WHERE isRecorded = 0;

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
CREATE TABLE late_arrivals (
  occurredAt INTEGER NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (occurredAt, id)
) STRICT, WITHOUT ROWID;

-- What is not as it should be, until it is again.
CREATE TABLE alerts (
  name TEXT PRIMARY KEY,
  message TEXT NOT NULL,
  beganAt INTEGER NOT NULL, -- UTC milliseconds
  notifiedAt INTEGER            -- when the owner was told last; null while that did not succeed
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
  databaseBytes INTEGER NOT NULL, -- at the last look
  storedAt INTEGER NOT NULL,      -- when something new was stored last: UTC milliseconds, 0 if nothing was
  receivedAt INTEGER NOT NULL,    -- when the last of all that the webhook confirmed had come in
  lag INTEGER                     -- how long that took from there into the database: milliseconds
) STRICT;

-- Single values that outlive a request.
CREATE TABLE key_values (
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
INSERT INTO key_values (name, value) VALUES ('erasure.key', lower(hex(randomblob(32))));

-- What was read from Yespo's own API, to fill what the webhook missed and to show that it missed nothing.

-- A stretch of time to read. It is carried by messages, and finished when all of it is among the windows.
CREATE TABLE sync_runs (
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

CREATE INDEX sync_runs_running ON sync_runs (movedAt) WHERE state = 'running';

-- What of a pull was read: stretches that neither overlap nor touch.
CREATE TABLE time_slices (
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
CREATE TABLE confirmed_events (
  occurredAt INTEGER NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (occurredAt, id)
) STRICT, WITHOUT ROWID;
