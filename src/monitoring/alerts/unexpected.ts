import { DAY_MS } from '../../event/clock.ts'
import { listRecorded, type SeenUnexpected } from '../../db/write/unexpected.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Checked } from './findings.ts'
import { writeCount, writeTime } from './words.ts'

const PREFIX = 'unexpected:'
const OTHERS = `${PREFIX}others`
const MAX_ALERTS = 20

/** For so long it is among the problems, and then known. */
const LISTED_DAYS = 7

/** Whether an alert ends by itself after a while: that is nothing to be notified of. */
export function endsByItself(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** Whether events began to have something that nobody documented: an alert for each, once. */
export async function checkUnexpected(db: D1Database, { now, facts }: Snapshot): Promise<Checked> {
  const noted = await listRecorded(db, now - LISTED_DAYS * DAY_MS)
  const listed = facts.alerts.filter(({ name }) => endsByItself(name))
  const findings = new Map<string, string | null>(listed.map(({ name }) => [name, null]))
  for (const each of noted.slice(0, MAX_ALERTS)) findings.set(nameOf(each), describe(each))
  const more = noted.length - MAX_ALERTS
  if (more > 0) {
    findings.set(
      OTHERS,
      `Events have ${writeCount(more, 'other thing')} that Yespo does not document: see the newest ones on the page Recent.`,
    )
  }
  return { findings }
}

function nameOf({ kind, name, detail }: SeenUnexpected): string {
  return `${PREFIX}${[kind, name || 'unnamed', detail].filter(Boolean).join(':')}`
}

function describe({ kind, name, detail, seenAt }: SeenUnexpected): string {
  const since = `since ${writeTime(seenAt)}`
  const named = name === '' ? 'a name that is not shown here' : `the name "${name}"`
  switch (kind) {
    case 'parameter':
      return `Events have a parameter that Yespo does not document, by ${named}, ${since}. It is stored with each of them, in "extra".`
    case 'type': {
      const [came, how] = detail.split(', ')
      const outcome =
        how === 'read'
          ? 'Its meaning is certain, and used all the same.'
          : 'It cannot be read: such events are stored, but not found by it, and it is not counted.'
      return `The parameter "${name}" came as ${came} ${since}, which is another type than Yespo documents. ${outcome} What was sent is in "extra".`
    }
    case 'status':
      return `Events have a status that Yespo does not document, by ${named}, ${since}. They are stored, and counted under "others".`
    case 'channel':
      return `Events have a channel that Yespo does not document, by ${named}, ${since}. They are stored and counted; which address belongs to it is not known.`
  }
}
