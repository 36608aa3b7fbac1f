/** What of an event tells a machine from a person. */
export type Trace = {
  readonly occurredAt: number // UTC milliseconds
  readonly activityStatus: string | null
  readonly clickEventLink: string | null
}

/** A person does not click so many different links within so many milliseconds. Yespo's clock has whole seconds. */
const MACHINE_LINKS = 3
export const MACHINE_WINDOW_MS = 2_000

type Timed = { readonly index: number; readonly event: Trace }

/**
 * The events of a delivery that a machine caused: a mail scanner follows the links of a message at once, and loads its
 * images meanwhile. Clicks on three or more different links within two seconds are a machine's, and so is each READ
 * up to two seconds before or after one of them. A machine that follows one or two links looks like a person.
 *
 * @param events of one delivery, in any order
 * @returns their indexes
 */
export function findMachines(events: readonly Trace[]): Set<number> {
  const clicks = listByTime(events, 'CLICKED')
  const machines = new Set<number>()
  if (clicks.length < MACHINE_LINKS) return machines
  const sweeps = findSweeps(clicks)
  for (const { index } of sweeps) machines.add(index)
  if (sweeps.length > 0) addReads(listByTime(events, 'READ'), sweeps, machines)
  return machines
}

function listByTime(events: readonly Trace[], status: string): Timed[] {
  const chosen: Timed[] = []
  for (const [index, event] of events.entries()) {
    if (event.activityStatus === status) chosen.push({ index, event })
  }
  return chosen.sort((a, b) => a.event.occurredAt - b.event.occurredAt)
}

/** The clicks of every window that has enough different links, in order of time. */
function findSweeps(clicks: readonly Timed[]): Timed[] {
  const found: Timed[] = []
  const links = new Map<string, number>() // how often each is in the window
  let start = 0
  let next = 0 // the first click that is not in `found` yet
  for (const [end, { event }] of clicks.entries()) {
    count(links, event.clickEventLink, 1)
    for (; isBefore(clicks[start], event.occurredAt - MACHINE_WINDOW_MS); start++) {
      count(links, clicks[start]?.event.clickEventLink, -1)
    }
    if (links.size < MACHINE_LINKS) continue
    found.push(...clicks.slice(Math.max(start, next), end + 1))
    next = end + 1
  }
  return found
}

/** A click without a link tells nothing about how many there were. */
function count(links: Map<string, number>, link: string | null | undefined, by: 1 | -1): void {
  if (link === null || link === undefined) return
  const times = (links.get(link) ?? 0) + by
  if (times > 0) links.set(link, times)
  else links.delete(link)
}

const isBefore = (timed: Timed | undefined, time: number) =>
  timed !== undefined && timed.event.occurredAt < time

/** Both lists are in order of time. */
function addReads(reads: readonly Timed[], sweeps: readonly Timed[], machines: Set<number>): void {
  let near = 0 // the first click that is not too long before the read
  for (const { index, event } of reads) {
    while (isBefore(sweeps[near], event.occurredAt - MACHINE_WINDOW_MS)) near++
    const click = sweeps[near]
    if (click === undefined) return
    if (click.event.occurredAt <= event.occurredAt + MACHINE_WINDOW_MS) machines.add(index)
  }
}
