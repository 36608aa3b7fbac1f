import { digest128 } from '../../activity/identity.ts'
import { DAY_MS } from '../../activity/clock.ts'
import { MAX_SET_ASIDE } from '../../store/facts.ts'
import { countNewestReasons, MAX_NEWEST } from '../../store/newest-reasons.ts'
import { finding, type Checked } from './findings.ts'
import type { Look } from '../status/look.ts'
import { quoteReason, writeCount, writeTime } from './words.ts'

const PREFIX = 'set_aside:'
const OTHERS = `${PREFIX}others`
const MAX_REASONS = 20
const UNSEEN = `Not among the newest ${MAX_NEWEST} elements that are set aside, and perhaps gone; when it was seen last: `

/** Whether anything is set aside: an alert for each reason, as far as these are few. */
export async function checkSetAside(db: D1Database, { facts }: Look): Promise<Checked> {
  const known = facts.alerts.flatMap(({ name }) => (name.startsWith(PREFIX) ? name : []))
  if (facts.setAside.elements === 0 && known.length === 0) return { findings: new Map() }
  const { reasons, isWhole } = await countNewestReasons(db)
  const findings = new Map<string, string | null>()
  for (const { name, message } of facts.alerts.filter(({ name }) => name.startsWith(PREFIX))) {
    // Where there are more than were looked at, a reason that was not seen may still be there.
    findings.set(name, isWhole ? null : describeUnseen(message))
  }
  const named = reasons.map((each) => ({ ...each, name: `${PREFIX}${digest128(each.reason)}` }))
  const fresh = named.filter(({ name }) => !known.includes(name))
  const staying = isWhole
    ? named.length - fresh.length
    : known.filter((name) => name !== OTHERS).length
  const room = Math.max(0, MAX_REASONS - staying)
  const unnamed = new Set(fresh.slice(room).map(({ name }) => name))
  for (const { name, reason, elements } of named) {
    if (!unnamed.has(name)) findings.set(name, describe(reason, elements))
  }
  if (unnamed.size > 0) {
    findings.set(
      OTHERS,
      `Elements are set aside for ${writeCount(unnamed.size, 'other reason')}. See “Set aside” in the pages of the receiver.`,
    )
  }
  return { findings }
}

/** What is told of a reason that is not among the newest: how many there were is no longer known. */
function describeUnseen(message: string): string {
  return message.startsWith(UNSEEN) ? message : UNSEEN + message
}

function describe(reason: string, elements: number): string {
  const count = writeCount(elements, 'element', MAX_NEWEST)
  const [are, them] = elements === 1 ? ['is', 'it'] : ['are', 'them']
  return `${count} that Yespo sent could be no event and ${are} set aside: "${quoteReason(reason)}". The events beside ${them} are stored. See “Set aside” in the pages of the receiver, mend the cause, and replay or discard ${them}.`
}

/** Whether what was set aside is deleted soon: nothing goes before the owner was told of it. */
export function checkExpiring({ settings, facts }: Look): Checked {
  const { quarantineDays } = settings
  const { expiring, oldestAt } = facts.setAside
  const notes = new Map([['expiring.days' as const, String(quarantineDays)]])
  const isNoted = facts.notes.get('expiring.days') === String(quarantineDays)
  const [are, them] = expiring === 1 ? ['is', 'it'] : ['are', 'them']
  const message =
    expiring > 0 && oldestAt !== null
      ? `${writeCount(expiring, 'element', MAX_SET_ASIDE)} that ${are} set aside will be deleted: from ${writeTime(oldestAt + quarantineDays * DAY_MS)} on, as QUARANTINE_DAYS is ${quarantineDays}, and no sooner than a day after this was told. Replay or discard ${them} (“Set aside” in the pages of the receiver), or set QUARANTINE_DAYS higher; 0 keeps all.`
      : null
  return { findings: finding('expiring', message), notes: isNoted ? new Map() : notes }
}
