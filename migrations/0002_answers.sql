-- What questions are answered from, beside the events themselves. `store/save.ts` keeps it true in the
-- transaction that stores the events; `npm run recount` makes it anew from them.

-- With the events that name no contact, too: they are looked for by the same filters. Status and iid tell
-- a contact's deliveries apart without a look at the events themselves, which takes ten times as long.
DROP INDEX activity_by_contact;
CREATE INDEX activity_by_contact ON activity (contactId, occurredAt, id, activityStatus, iid);

-- The few events that lists and the feed of suppressions are after, with all that explains a bounce.
CREATE INDEX activity_rare ON activity (
  activityStatus, occurredAt, id,
  hardBounce, mediaType, messageId, broadcastId, workflowId, "from", contactId, email, statusDescription
) WHERE activityStatus IN ('UNDELIVERED', 'SPAM', 'UNSUBSCRIBED', 'SUBSCRIPTION_CHANGED');

-- What is counted together: the same message, sent in the same way. In order of arrival.
CREATE TABLE campaigns (
  campaign INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE, -- the columns below as a JSON array: no two nulls are alike to an index
  mediaType TEXT,           -- in one spelling, see `activity/channel.ts`
  messageId INTEGER,
  messageName TEXT,
  messageTag TEXT,
  broadcastId INTEGER,
  workflowId INTEGER,
  "from" TEXT
) STRICT;

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

-- Which contact a delivery went to, as text with many deliveries a row: a row or an index entry for each
-- would cost more than all the rest. See `store/deliveries.ts`.
CREATE TABLE deliveries (
  page INTEGER PRIMARY KEY, -- 2^32 times the shard, and counted up
  contacts TEXT NOT NULL,   -- ';' of the iid the first 8 and last 4 characters ':' contactId, or '@' occurredAt without one
  stamp TEXT NOT NULL,      -- of the transaction that wrote here last
  fresh BLOB NOT NULL       -- JSONB array: occurredAt and id of each event that was new in it
) STRICT;

-- Says that events are stored already, which nothing below or above knows of before a recount.
INSERT INTO deliveries (page, contacts, stamp, fresh)
SELECT -1, '', 'uncounted', jsonb('[]') WHERE EXISTS (SELECT 1 FROM activity);

-- By what identifiers a contact was seen. Written only when one is new.
CREATE TABLE contact_names (
  contactId INTEGER NOT NULL,
  name TEXT NOT NULL,     -- the parameter: email, sms, externalCustomerId, webpush or mobilepush
  key TEXT NOT NULL,      -- the identifier, the same however it is written: see `activity/identifier.ts`
  spelling TEXT NOT NULL, -- as it was sent; empty if that is the key
  PRIMARY KEY (contactId, name, key, spelling)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_names_by_key ON contact_names (key, name)
  WHERE name IN ('email', 'sms', 'externalCustomerId');

-- Whom not to write to any more, in order of arrival. Outlives the events.
CREATE TABLE suppressions (
  number INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice, even where the last one is deleted
  occurredAt INTEGER NOT NULL,
  id TEXT NOT NULL,
  reason TEXT NOT NULL, -- HARD_BOUNCE, SPAM or UNSUBSCRIBED
  mediaType TEXT,
  address TEXT,         -- in that channel, or else the one that the event has
  addressType TEXT,     -- the parameter that it is the value of
  contactId INTEGER,
  externalCustomerId TEXT,
  statusDescription TEXT,
  UNIQUE (occurredAt, id)
) STRICT;
