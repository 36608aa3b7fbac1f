import { parseExactly } from '../../src/event/exact-number.ts'
import { createIdentifier } from '../../src/event/identity.ts'
import { normalize, type Activity } from '../../src/event/normalize.ts'
import { ROW_COLUMNS, toRow } from '../../src/db/columns.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { makeTraffic } from '../../src/simulator/traffic.ts'
import { buildRow } from './rows.ts'

/** Events of simulated traffic, as stored. @param start UTC milliseconds */
export function makeRows(seed: number, events: number, start: number): StoredEvent[] {
  return [...makeTraffic({ seed, events, poison: 0, start })].flatMap((body) => {
    const identify = createIdentifier()
    return body.flatMap(({ bytes }) => {
      const result = normalize(parseExactly(bytes.toString()), identify, 'UTC')
      return 'activity' in result ? toStored(result.activity) : []
    })
  })
}

function toStored(activity: Activity): StoredEvent {
  const cells = toRow(activity).map((cell) =>
    typeof cell === 'object' && cell !== null ? cell.rawJSON : cell,
  )
  const columns = ROW_COLUMNS.map((name, index) => [name, cells[index] ?? null])
  return buildRow({ ...Object.fromEntries(columns), receivedAt: activity.occurredAt + 1_500 })
}
