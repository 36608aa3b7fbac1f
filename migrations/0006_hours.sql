-- Events of all campaigns together, hour by hour, as soon as an hour is over: a row instead of the hundreds of
-- `totals` that a look at a month would go through. Filled in by the schedule, see `store/hours.ts`.
CREATE TABLE hours (
  hour INTEGER PRIMARY KEY, -- its beginning: UTC milliseconds
  events TEXT               -- JSON array: of each status itself and the events of each quarter; null since more came in
) STRICT;

CREATE INDEX hours_stale ON hours (hour) WHERE events IS NULL;
