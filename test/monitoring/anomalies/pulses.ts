import { HOUR_MS } from '../../../src/event/clock.ts'
import { Pulse } from '../../../src/db/rollups/pulse.ts'
import type { HourPulse } from '../../../src/db/rollups/read-pulse.ts'

type Counts = { delivered: number; bounced: number; read: number; clicked: number; spam: number }

/** What is not as usual in an hour, counted from the first one, at a provider. */
export type Change = (hour: number, provider: string) => Partial<Counts> | undefined

/**
 * Hours of three providers, each like the others but for a change.
 *
 * @param start UTC milliseconds
 * @param options of the bounces that the change makes: the quarter of the hour, and the cause
 */
export function makePulses(
  start: number,
  hours: number,
  change: Change,
  { quarter = 0, cause = 'reputation' } = {},
): HourPulse[] {
  return Array.from({ length: hours }, (_, hour) => {
    const pulse = new Pulse()
    for (const provider of ['gmail', 'outlook', 'ukr.net']) {
      const spam = hour % 5 === 0 ? 1 : 0
      const usual = { delivered: 99, bounced: 1, read: 30, clicked: 6, spam }
      const changed = change(hour, provider)
      const counts = { ...usual, ...changed }
      pulse.add('email', provider, 'DELIVERED', '', 0, counts.delivered)
      pulse.add('email', provider, 'READ', '', 0, counts.read)
      pulse.add('email', provider, 'CLICKED', '', 0, counts.clicked)
      pulse.add('email', provider, 'SPAM', '', 0, counts.spam)
      const bounces = ['UNDELIVERED', changed ? cause : 'mailboxUnknown'] as const
      pulse.add('email', provider, ...bounces, changed ? quarter : 0, counts.bounced)
    }
    return { hour: start + hour * HOUR_MS, rows: pulse.list() }
  })
}

/** Stores pulses as if their hours had been rolled up. */
export async function storePulses(db: D1Database, pulses: readonly HourPulse[]): Promise<void> {
  const rows = pulses.map(({ hour, rows }) => [hour, JSON.stringify(rows)])
  const end = Math.max(...pulses.map(({ hour }) => hour)) + HOUR_MS
  await db.batch([
    db
      .prepare(
        `INSERT OR REPLACE INTO rollups (kind, hour, part, counts)
         SELECT 'pulse', value ->> 0, 0, value ->> 1 FROM json_each(?)`,
      )
      .bind(JSON.stringify(rows)),
    db
      .prepare(`INSERT OR REPLACE INTO key_values (name, value) VALUES ('rollups.until', ?)`)
      .bind(String(end)),
  ])
}
