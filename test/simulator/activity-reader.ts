import { toCanonical } from '../../src/event/canonical-value.ts'
import { parseExactly } from '../../src/event/exact-number.ts'
import type { ActivityApi } from '../../src/simulator/activity-api.ts'
import type { ApiResponse } from '../../src/simulator/activity-server.ts'
import type { TimeSlice } from '../../src/simulator/activity-log.ts'
import { formatWall, type Row } from '../../src/simulator/activity-row.ts'

export const KEY = 'api:key'
const SECOND = 1_000

/** The headers of Basic authentication. */
export function credentials(user: string, password: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

/** Calls the API with valid credentials; times are in its zone, such as 2026-01-05T07:00:00. */
export function call(
  api: ActivityApi,
  query: Readonly<Record<string, string | number>>,
  headers = credentials('any', KEY),
): Promise<ApiResponse> {
  const pairs = Object.entries(query).map(([name, value]) => [name, String(value)])
  const parameters = new URLSearchParams(Object.fromEntries(pairs))
  const url = `https://yespo.example.com/api/v2/contacts/activity?${parameters}`
  return api.respond({ method: 'GET', url, headers })
}

/** The rows of a response, which has to be complete. */
export function rowsOf({ status, body, breaksOff }: ApiResponse): Row[] {
  if (status !== 200 || breaksOff) throw new Error(`not read: ${status} ${body}`)
  return parseExactly(body) as Row[]
}

/** The content of a row without the fields that only the API has. */
function contentOf({ offset: _o, externalRequestId: _e, statusData: _s, ...rest }: Row) {
  return JSON.stringify(toCanonical(rest))
}

/** The options of a reader. */
type Reading = {
  maxrows: number
  /** How far it extends a range of more than a second at both ends, in milliseconds. */
  overlap?: number
}

/**
 * Reads like a careful client: halves full ranges, down to a second, retries after a failure, and
 * counts equal rows within one response as separate events.
 *
 * @returns the content of every event, sorted
 */
export async function readAll(
  api: ActivityApi,
  window: TimeSlice,
  { maxrows, overlap = 0 }: Reading,
): Promise<string[]> {
  const max = new Map<string, number>()
  const waiting = [window]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { from, to } = next
    const wider = from === to ? 0 : overlap
    const dateFrom = formatWall(from - wider)
    const response = await call(api, { dateFrom, dateTo: formatWall(to + wider), maxrows })
    if (response.status >= 500) waiting.push(next)
    else if (rowsOf(response).length < maxrows) count(rowsOf(response).map(contentOf), max)
    else waiting.push(...halve(next))
  }
  const events = [...max].flatMap(([content, times]) => Array<string>(times).fill(content))
  return events.sort()
}

/** The halves share the second between them, until there are only two. */
function halve({ from, to }: TimeSlice): TimeSlice[] {
  if (from === to) throw new Error(`the second ${formatWall(from)} is full`)
  const middle = from + Math.floor((to - from) / 2 / SECOND) * SECOND
  const shared = to - from > SECOND ? middle : to
  return [
    { from, to: middle },
    { from: shared, to },
  ]
}

function count(contents: readonly string[], max: Map<string, number>): void {
  const here = new Map<string, number>()
  for (const content of contents) here.set(content, (here.get(content) ?? 0) + 1)
  for (const [content, times] of here) max.set(content, Math.max(times, max.get(content) ?? 0))
}
