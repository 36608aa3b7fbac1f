import { DAY_MS } from '../../event/clock.ts'
import { listRecorded, type SeenUnexpected } from '../../db/write/unexpected.ts'
import type { AlertRule } from './rule.ts'
import type { Phrase } from '../../language/messages.ts'
import { writeTime } from './words.ts'

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
    const message = new Map<string, Phrase[] | null>(listed.map(({ name }) => [name, null]))
    for (const each of recorded.slice(0, MAX_ALERTS)) message.set(nameOf(each), [describe(each)])
    const more = recorded.length - MAX_ALERTS
    if (more > 0) {
      message.set(OTHERS, [{ key: 'alerts.unexpected.others', values: { count: more } }])
    }
    return { message }
  },
}

function nameOf({ kind, name, detail }: SeenUnexpected): string {
  return `${PREFIX}${[kind, name || 'unnamed', detail].filter(Boolean).join(':')}`
}

function describe({ kind, name, detail, seenAt }: SeenUnexpected): Phrase {
  const time = writeTime(seenAt)
  if (kind !== 'type') {
    return { key: `alerts.unexpected.${kind}`, values: { name: name || 'unnamed', time } }
  }
  const [type = '', how] = detail.split(', ')
  const key = how === 'read' ? 'alerts.unexpected.typeRead' : 'alerts.unexpected.typeIgnored'
  return { key, values: { name, type, time } }
}
