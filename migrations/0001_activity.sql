-- What Yespo reported. One row an event; the key alone keeps an event from being stored twice and
-- gives the newest first, so an event costs one row written, and a second for the contact's index.
CREATE TABLE activity (
  occurredAt INTEGER NOT NULL, -- when it happened: UTC milliseconds
  id TEXT NOT NULL,            -- 128 bits, base64url
  receivedAt INTEGER NOT NULL, -- when it first came in: UTC milliseconds
  origin TEXT NOT NULL,        -- what first brought it
  labels TEXT,                 -- JSON object: the request's headers that LABEL_HEADERS names
  extra TEXT,                  -- JSON object: whatever was sent that no column below can hold
  activityDateTime TEXT,
  activityStatus TEXT,
  broadcastId INTEGER,
  bundleId TEXT,
  clickEventLink TEXT,
  contactId INTEGER,
  email TEXT,
  externalCustomerId TEXT,
  "from" TEXT,
  hardBounce INTEGER,
  iid TEXT,
  imId INTEGER,
  mediaType TEXT,
  messageId INTEGER,
  messageInstanceId INTEGER,
  messageLanguageCode TEXT,
  messageName TEXT,
  messageTag TEXT,
  mobilepush TEXT,
  osName TEXT,
  osType TEXT,
  sms TEXT,
  sourceEventId INTEGER,
  sourceEventKey TEXT,
  sourceEventTypeKey TEXT,
  statusDescription TEXT,
  subscriptions TEXT,
  viewMessageLink TEXT,
  webpush TEXT,
  workflowBlockId TEXT,
  workflowId INTEGER,
  workflowInstanceId TEXT,
  PRIMARY KEY (occurredAt, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX activity_by_contact ON activity (contactId, occurredAt) WHERE contactId IS NOT NULL;

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
