import { styleText } from 'node:util'
import { FAULTS } from './faults.ts'
import type { Balance } from './ledger.ts'

/** What a soak came to. */
export type Outcome = {
  seed: number
  requests: number
  repeats: number
  events: number
  poison: number
  stored: number
  blockedMs: number
  seconds: number
  sentSeconds: number
  faults: Readonly<Record<string, number>>
  /** Answers that a request in order should not get, or none at all. */
  surprises: number
  /** Requests that were refused for ever, and held up all the others. */
  stuck: number
  /** Log lines that held an address, a token or a credential. */
  leaks: number
  logLines: number
  /** Totals, names and suppressions that a rebuild of all that was stored finds otherwise. */
  miscounted: number
  /** Totals in which a contact counts once more, as its first event had moved to the archive. */
  recounted: number
  contactsErased: number
  /** Their events. */
  forgotten: number
  /** Events in the archive. */
  archived: number
  /** Elements of an earlier version's that were set aside, and how many were put right. */
  planted: number
  replayed: number
  /** How often the receiver looked after itself. */
  runs: number
  /** What the owner had read from Yespo's API. */
  backfills: number
  /** Calls of Yespo's API; of these, too soon after the one before. */
  calls: number
  hasty: number
  /** For how long the main webhook was deactivated: milliseconds of Yespo's time. */
  deactivatedMs: number
  /** Events that no webhook was told of. */
  untold: number
  /** Of these came by the API; of the others, came by it before the webhook confirmed them. */
  filled: number
  cameByApiFirst: number
  /** Kinds of events in hours that `GET /coverage` told of, and told wrongly. */
  covered: number
  coverageWrong: number
  balance: Balance
}

/** Prints it; @returns whether every promise was kept */
export function printReport(outcome: Outcome): boolean {
  const { balance, events, poison, stored, leaks } = outcome
  const line = (name: string, value: number | string) => {
    const text = typeof value === 'number' ? value.toLocaleString('en') : value
    console.log(`${name.padEnd(42)}${text.padStart(14)}`)
  }
  const promise = (name: string, value: number, expected: number) => {
    const text = `${name.padEnd(42)}${value.toLocaleString('en').padStart(14)}`
    console.log(styleText(value === expected ? 'green' : 'red', text))
    return value === expected
  }
  line('seed', String(outcome.seed))
  line('requests', outcome.requests)
  line('  of these repeats', outcome.repeats)
  line('events', events)
  line('poison elements', poison)
  for (const kind of Object.keys(FAULTS).sort()) line(`fault: ${kind}`, outcome.faults[kind] ?? 0)
  line('stream blocked, minutes of Yespo', Math.round(outcome.blockedMs / 60_000))
  line('contacts forgotten', outcome.contactsErased)
  line('  with events', outcome.forgotten)
  line('moved to the archive', outcome.archived)
  line('set aside by an earlier version', outcome.planted)
  line('put right', outcome.replayed)
  line('runs of the schedule', outcome.runs)
  line('totals that count a contact once more', outcome.recounted)
  line("calls of Yespo's API", outcome.calls)
  line('read on demand', outcome.backfills)
  line('webhook deactivated, minutes of Yespo', Math.round(outcome.deactivatedMs / 60_000))
  line('  events that it was not told of', outcome.untold)
  line('  filled by the API', outcome.filled)
  line('others that came by the API first', outcome.cameByApiFirst)
  line('figures of coverage compared', outcome.covered)
  line('log lines searched', outcome.logLines)
  line('seconds to send and store', Math.round(outcome.sentSeconds))
  line('seconds in all', Math.round(outcome.seconds))
  const kept = [
    promise('stored', stored, events),
    promise('lost', balance.lost, 0),
    promise('doubled', balance.doubled, 0),
    promise('altered', balance.altered, 0),
    promise('kept of who was forgotten', balance.kept, 0),
    promise('gaps left', balance.gapsLeft, 0),
    promise('coverage wrong', outcome.coverageWrong, 0),
    promise('calls of the API that were too fast', outcome.hasty, 0),
    promise('set aside', balance.quarantined, poison),
    promise('  of these wrongly', balance.setAsideWrongly, 0),
    promise('totals, names, suppressions miscounted', outcome.miscounted, 0),
    promise('answers that should not be', outcome.surprises, 0),
    promise('requests refused for ever', outcome.stuck, 0),
    promise('log lines with personal data', leaks, 0),
  ]
  return kept.every(Boolean)
}
