import { styleText } from 'node:util'
import { FAULTS } from './faults.ts'
import type { Plan } from '../strict/index.ts'
import type { Balance } from './ledger.ts'

/** The result of a soak. */
export type Outcome = {
  seed: number
  plan: Plan
  requests: number
  repeats: number
  events: number
  poison: number
  stored: number
  blockedMs: number
  seconds: number
  sentSeconds: number
  faults: Readonly<Record<string, number>>
  /** Responses that a correct request should not get, or no response at all. */
  unexpectedResponses: number
  /** Requests that were rejected forever, and blocked all the others. */
  blockedForever: number
  /** Log lines with an address, a token or a credential. */
  leaks: number
  logLines: number
  /** Totals, identifiers and suppressions that differ from a rebuild from all stored events. */
  miscounted: number
  /** Totals that count a contact twice, because its first event was archived already. */
  countedTwice: number
  contactsErased: number
  /** Events of erased contacts. */
  erased: number
  /** Archived events. */
  archived: number
  /** Items that an earlier version quarantined, and how many were replayed. */
  planted: number
  replayed: number
  /** Runs of the schedule. */
  runs: number
  /** Backfills that the operator requested. */
  backfills: number
  /** Calls to Yespo's API; of these, too soon after the previous one. */
  calls: number
  callsTooSoon: number
  /** How long the main webhook was deactivated: milliseconds of Yespo's time. */
  deactivatedMs: number
  /** Events that no webhook was notified of. */
  unnotified: number
  /** Of these, filled in by the API; of the others, delivered by it before the webhook confirmed them. */
  filled: number
  cameByApiFirst: number
  /** Figures of `GET /coverage` that were compared, and how many were wrong. */
  covered: number
  wrongCoverage: number
  /** Daily quotas that were used up. */
  quotasSpent: number
  /** Messages that the queues gave up, by queue and why. */
  deleted: Readonly<Record<string, number>>
  balance: Balance
}

/** Prints the result. @returns whether every promise was kept */
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
  line('plan', outcome.plan)
  line('requests', outcome.requests)
  line('  of these, retries', outcome.repeats)
  line('events', events)
  line('invalid items', poison)
  for (const kind of Object.keys(FAULTS).sort()) line(`fault: ${kind}`, outcome.faults[kind] ?? 0)
  line("stream blocked, minutes of Yespo's time", Math.round(outcome.blockedMs / 60_000))
  line('contacts erased', outcome.contactsErased)
  line('  events of theirs', outcome.erased)
  line('events archived', outcome.archived)
  line('quarantined by an earlier version', outcome.planted)
  line('replayed', outcome.replayed)
  line('runs of the schedule', outcome.runs)
  line('totals that count a contact twice', outcome.countedTwice)
  line("calls to Yespo's API", outcome.calls)
  line('backfills', outcome.backfills)
  line("webhook off, minutes of Yespo's time", Math.round(outcome.deactivatedMs / 60_000))
  line('  events without a webhook', outcome.unnotified)
  line('  of these, filled in by the API', outcome.filled)
  line('other events that the API had first', outcome.cameByApiFirst)
  line('daily quotas used up', outcome.quotasSpent)
  for (const [kind, count] of Object.entries(outcome.deleted)) line(`given up: ${kind}`, count)
  line('coverage figures compared', outcome.covered)
  line('log lines searched', outcome.logLines)
  line('seconds to send and store', Math.round(outcome.sentSeconds))
  line('seconds in total', Math.round(outcome.seconds))
  const promises = [
    promise('stored', stored, events),
    promise('lost', balance.lost, 0),
    promise('doubled', balance.doubled, 0),
    promise('altered', balance.altered, 0),
    promise('messages of events given up', countGivenUp(outcome), 0),
    promise('events of erased contacts', balance.notErased, 0),
    promise('gaps left', balance.gapsLeft, 0),
    promise('wrong coverage figures', outcome.wrongCoverage, 0),
    promise('comparisons with nothing to compare', Number(outcome.covered === 0), 0),
    promise('API calls too soon', outcome.callsTooSoon, 0),
    promise('quarantined', balance.quarantined, poison),
    promise('  of these, wrongly', balance.wronglyQuarantined, 0),
    promise('totals, identifiers, suppressions miscounted', outcome.miscounted, 0),
    promise('unexpected responses', outcome.unexpectedResponses, 0),
    promise('requests rejected forever', outcome.blockedForever, 0),
    promise('log lines with personal data', leaks, 0),
  ]
  return promises.every(Boolean)
}

/** Messages of events that the queues deleted; a task, or a time slice of the API, starts again. */
function countGivenUp({ deleted }: Outcome): number {
  const ofEvents = Object.entries(deleted).filter(([kind]) => !kind.startsWith('yespo-tasks'))
  return ofEvents.reduce((sum, [, count]) => sum + count, 0)
}
