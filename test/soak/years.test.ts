import { describe, expect, it } from 'vitest'
import type { YearsOutcome } from './years/report.ts'
import { listShort, runYears } from './years/run.ts'

const SEEDS = 50
/** Two days, and fewer readers, take half as long. */
const BRIEF = { days: 2, readingsPerDay: 30 }
/** Minutes of an idle core: where all else is busy, too, ten times as many have been seen. */
const A_BUSY_HOUR = { timeout: 3_600_000 }
const sum = (counts: readonly Record<string, number>[]) =>
  counts.reduce<Record<string, number>>((all, each) => {
    for (const [name, count] of Object.entries(each)) all[name] = (all[name] ?? 0) + count
    return all
  }, {})

describe('days of everything at once', () => {
  let outcomes: readonly YearsOutcome[]

  it(`hold every promise in ${SEEDS} interleavings`, A_BUSY_HOUR, async () => {
    outcomes = await runYears(listShort(1, SEEDS, BRIEF))
    const wrong = outcomes.flatMap(({ seed, violation }) => (violation ? { seed, violation } : []))
    expect(wrong).toEqual([])
    expect(outcomes).toHaveLength(SEEDS)

    const faults = Object.keys(sum(outcomes.map((each) => each.faults)))
    for (const service of ['D1', 'Queue', 'R2']) {
      for (const fault of ['failed', 'failed after its effect', 'hung', 'was slow', 'was down']) {
        expect(faults).toContain(`${service} ${fault}`)
      }
    }
    expect(faults).toEqual(
      expect.arrayContaining(['invocation was killed', 'message came twice', 'response was lost']),
    )
    const { calls = 0, callsOfSeveral = 0 } = sum(outcomes.map((each) => each.concurrency))
    expect(callsOfSeveral / calls).toBeGreaterThan(0.05)
    const { invalid = 0 } = sum(outcomes.map((each) => each.ledger))
    const archived = outcomes.reduce((total, each) => total + each.archived, 0)
    expect(archived).toBeGreaterThan(SEEDS * 100)
    expect(invalid).toBeGreaterThan(SEEDS / 2)
  })

  it('are the same if the seed is', async () => {
    // In another process, whose code has another history.
    const [again] = await runYears(listShort(7, 1, BRIEF))
    const digestOf = (seed: number) => outcomes.find((each) => each.seed === seed)?.digest
    expect(again?.digest).toEqual(digestOf(7))
    expect(again?.digest).not.toEqual(digestOf(9))
  })
})

// What is wrong in the receiver, and what says so. The bundle has each text once: it is SQL, as in the source.
const FAULTS = [
  {
    fault: 'an event that comes again changes the labels of the stored one',
    from: `AS row
  WHERE true
  ON CONFLICT (occurredAt, id) DO NOTHING`,
    to: `AS row
  WHERE true
  ON CONFLICT (occurredAt, id) DO UPDATE SET labels = excluded.labels`,
    says: /was altered/,
  },
  {
    fault: 'an event of a message that came twice counts twice',
    from: 'event.writeId = CAST(?2 AS INTEGER)',
    to: '?2 IS NOT NULL',
    says: /totals, .* differ from a recount|GET \/reports/,
  },
  {
    fault: 'the first invalid element of a message is lost',
    from: `AS row
  WHERE true
  ON CONFLICT (request, elementIndex, part) DO NOTHING`,
    to: `AS row
  WHERE row.key > 0
  ON CONFLICT (request, elementIndex, part) DO NOTHING`,
    says: /invalid elements are not in quarantine/,
  },
  {
    fault: 'it is forgotten that an alert was posted',
    from: 'notifiedAt = excluded.notifiedAt',
    to: 'notifiedAt = NULL',
    says: /the alert \w+ started twice/,
  },
  {
    fault: 'what was compared with Yespo’s API is not recorded',
    from: 'GROUP BY 1, 3, 4',
    to: 'GROUP BY 1, 3, 4 HAVING false',
    says: /the coverage lacks/,
  },
]

describe('a fault of the receiver', () => {
  it.each(FAULTS)('is found: $fault', async ({ from, to, says }) => {
    const outcomes = await runYears(listShort(1, 2), { replace: { from, to } })
    expect(outcomes.map(({ violation }) => violation ?? '').join('\n')).toMatch(says)
  })
})
