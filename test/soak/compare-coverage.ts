import { canonicalChannel } from '../../src/event/channel.ts'
import type { Ledger } from './ledger.ts'
import type { Server } from './server.ts'

const HOUR = 3_600_000

/**
 * Compares `GET /coverage` with the stored events, at a moment when every event has been read from the
 * API, everything sent to the webhook is stored, and nothing is pending.
 *
 * @param since UTC milliseconds
 * @returns the number of figures, and how many of them are wrong
 */
export async function compareCoverage(
  server: Server,
  ledger: Ledger,
  since: number,
  until: number,
): Promise<{ covered: number; wrongCoverage: number }> {
  const first = Math.max(Math.floor(since / HOUR) * HOUR, await server.findFirstUnarchived())
  // After long outages, all of it may have moved to the archive.
  if (first >= until) return { covered: 0, wrongCoverage: 0 }
  const differences = new Map<string, number>()
  const add = (key: unknown[], count: number) => {
    const text = JSON.stringify(key)
    differences.set(text, (differences.get(text) ?? 0) + count)
  }
  for await (const activity of server.readAll(first)) {
    const start = Math.floor(activity.occurredAt / HOUR) * HOUR
    const mediaType = activity['mediaType']
    const channel = typeof mediaType === 'string' ? canonicalChannel(mediaType) : null
    const seenBy = ledger.isUnnotified(activity) ? 'apiOnly' : 'both'
    add([start, activity['activityStatus'], channel, seenBy], 1)
  }
  for (const { start, kinds } of await server.readCoverage(first, until)) {
    for (const { activityStatus, mediaType, ...seen } of kinds) {
      // The API has everything.
      for (const seenBy of ['both', 'apiOnly', 'webhookOnly'] as const) {
        if (seen[seenBy] > 0) add([start, activityStatus, mediaType, seenBy], -seen[seenBy])
      }
    }
  }
  const wrong = [...differences.values()].filter((difference) => difference !== 0)
  return { covered: differences.size, wrongCoverage: wrong.length }
}
