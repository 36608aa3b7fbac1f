import { DAY_MS } from '../../event/clock.ts'
import { listRecorded, type SeenUnexpected } from '../../db/write/unexpected.ts'
import type { AlertRule } from './rule.ts'
import { writeCount, writeTime } from './words.ts'

const PREFIX = 'unexpected:'
const OTHERS = `${PREFIX}others`
const MAX_ALERTS = 20

/** How long it is listed as a problem. */
const LISTED_DAYS = 7

/** Events have something undocumented. Each thing is one alert, once. */
export const unexpectedAlert: AlertRule = {
  name: 'unexpected',
  endsSilently: true,
  async check({ env, now, alerts }) {
    const recorded = await listRecorded(env.DB, now - LISTED_DAYS * DAY_MS)
    const listed = alerts.filter(({ name }) => name.startsWith(PREFIX))
    const message = new Map<string, string | null>(listed.map(({ name }) => [name, null]))
    for (const each of recorded.slice(0, MAX_ALERTS)) message.set(nameOf(each), describe(each))
    const more = recorded.length - MAX_ALERTS
    if (more > 0) {
      message.set(
        OTHERS,
        `Events have ${writeCount(more, 'other thing')} that Yespo does not document: see the newest ones on the page Recent.`,
      )
    }
    return { message }
  },
}

function nameOf({ kind, name, detail }: SeenUnexpected): string {
  return `${PREFIX}${[kind, name || 'unnamed', detail].filter(Boolean).join(':')}`
}

function describe({ kind, name, detail, seenAt }: SeenUnexpected): string {
  const since = `since ${writeTime(seenAt)}`
  const named = name === '' ? 'a name that is not shown here' : `the name "${name}"`
  switch (kind) {
    case 'parameter':
      return `Events have a parameter that Yespo does not document, with ${named}, ${since}. It is stored with each of them, in "extra".`
    case 'type': {
      const [type, how] = detail.split(', ')
      const outcome =
        how === 'read'
          ? 'It was converted, as its meaning is certain.'
          : 'It cannot be converted: such events are stored, but filters and reports ignore the value.'
      return `The parameter "${name}" has come as ${type} ${since}, not in the type that Yespo documents. ${outcome} The original is in "extra".`
    }
    case 'status':
      return `Events have a status that Yespo does not document, with ${named}, ${since}. They are stored, and counted under "others".`
    case 'channel':
      return `Events have a channel that Yespo does not document, with ${named}, ${since}. They are stored and counted; which address belongs to it is unknown.`
  }
}
