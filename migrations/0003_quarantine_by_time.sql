-- What was set aside, the newest first; counting it by reason needs no look at what was sent.
CREATE INDEX quarantine_by_time ON quarantine (receivedAt, request, elementIndex, reason, kind) WHERE part = 0;
