import { makeBodies } from './bodies.ts'
import { percentile } from './median.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'
import { PATIENCE_MS } from '../patience.ts'

const POLL_MS = 10

type Event = { contactId: number; iid: string; activityStatus: string; clickEventLink?: string }

/** Measures the time from a POST of one event until it can be read. */
export async function measureWaiting(receiver: Server, events: number): Promise<Figure[]> {
  const times: number[] = []
  for (const body of makeBodies(events, 1, 7_000_000)) {
    const [event] = JSON.parse(body.toString()) as [Event]
    const start = performance.now()
    await receiver.request('POST', '/webhooks/yespo', body)
    while (!(await isReadable(receiver, event))) {
      if (performance.now() - start > PATIENCE_MS) throw new Error('an event never became readable')
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
    times.push((performance.now() - start) / 1_000)
  }
  const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)]
  return [
    {
      name: 'seconds from POST to readable, one event at a time, p50 and p95',
      found: `${show(p50)}, ${show(p95)}`,
      target: '≤ 1.5 at p95',
      met: p95 <= 1.5,
    },
  ]
}

async function isReadable(receiver: Server, event: Event): Promise<boolean> {
  const text = await receiver.request('GET', `/activity?contactId=${event.contactId}`)
  const { activity } = JSON.parse(text) as { activity: Event[] }
  return activity.some(
    ({ iid, activityStatus, clickEventLink }) =>
      iid === event.iid &&
      activityStatus === event.activityStatus &&
      clickEventLink === event.clickEventLink,
  )
}
