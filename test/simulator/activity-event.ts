import type { Element } from '../../src/simulator/traffic.ts'

/** An event at that time, in UTC milliseconds, with extra or changed parameters. */
export function makeEvent(time: number, more: object = {}): Element {
  const activityDateTime = new Date(time).toISOString().slice(0, 19)
  const status = 'DELIVERED'
  const parameters = { iid: `iid-${time}`, activityStatus: status, activityDateTime, ...more }
  return { status, bytes: Buffer.from(JSON.stringify(parameters)), isPoison: false }
}
