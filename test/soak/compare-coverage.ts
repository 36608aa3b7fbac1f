import { canonicalChannel } from '../../src/event/channel.ts'
import type { Ledger } from './ledger.ts'
import type { Server } from './server.ts'

const HOUR = 3_600_000

/**
 * Compares what `GET /coverage` says with the events that are stored, at a moment at which all that
 * happened was read from the API, everything that the webhook was sent is stored, and nothing is under way.
 *
 * @param since UTC milliseconds
 * @returns how many figures there are, and how many are wrong
 */
export async function compareCoverage(
  server: Server,
  ledger: Ledger,
  since: number,
  until: number,
): Promise<{ covered: number; coverageWrong: number }> {
  const first = Math.max(Math.floor(since / HOUR) * HOUR, await server.findFirstKept())
  const differences = new Map<string, number>()
  const add = (key: unknown[], count: number) => {
    const text = JSON.stringify(key)
    differences.set(text, (differences.get(text) ?? 0) + count)
  }
  for await (const activity of server.readAll(first)) {
    const start = Math.floor(activity.occurredAt / HOUR) * HOUR
    const mediaType = activity['mediaType']
    const channel = typeof mediaType === 'string' ? canonicalChannel(mediaType) : null
    const who = ledger.isUnnotified(activity) ? 'apiOnly' : 'both'
    add([start, activity['activityStatus'], channel, who], 1)
  }
  for (const { start, kinds } of await server.readCoverage(first, until)) {
    for (const { activityStatus, mediaType, ...seen } of kinds) {
      // The API has everything.
      for (const who of ['both', 'apiOnly', 'webhookOnly'] as const) {
        if (seen[who] > 0) add([start, activityStatus, mediaType, who], -seen[who])
      }
    }
  }
  const wrong = [...differences.values()].filter((difference) => difference !== 0)
  return { covered: differences.size, coverageWrong: wrong.length }
}
