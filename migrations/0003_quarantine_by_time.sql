-- What was set aside, the newest first; counting it needs no look at what was sent.
CREATE INDEX quarantine_by_time ON quarantine (receivedAt, request, elementIndex) WHERE part = 0;
