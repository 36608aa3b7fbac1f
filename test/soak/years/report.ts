import { styleText } from 'node:util'
import type { Plan } from '../../strict/index.ts'

type Counts = Readonly<Record<string, number>>

/** What came of a simulation. */
export type YearsOutcome = {
  seed: number
  plan: Plan
  days: number
  /** What was wrong first, if anything was. */
  violation?: string
  /** When it ended, as a text. */
  at: string
  seconds: number
  /** Of all threads. */
  processorSeconds: number
  /** Decisions of the scheduler. */
  steps: number
  digest: { trace: string; state: string }
  counts: Counts
  life: Counts
  operator: Counts
  ledger: Counts
  stored: number
  /** Of these, in the archive. */
  archived: number
  faults: Counts
  concurrency: Counts
  alerts: { begun: number; ended: number; repeated: number; digests: number; seen: Counts }
  /** Totals that count a contact twice. */
  countedTwice: number
  requests: readonly { name: string; requests: number; blockedMs: number }[]
}

const HOUR = 3_600_000

/** Prints what happened, what was checked, and the result. @returns whether nothing was wrong */
export function printYears(outcome: YearsOutcome): boolean {
  const { seed, plan, days, counts, ledger, concurrency, alerts, digest } = outcome
  title(`${days} days of a small account, ${plan} plan, seed ${seed}`)
  line('ended at', outcome.at)
  line('seconds of this machine', Math.round(outcome.seconds))
  line('seconds of processor time', Math.round(outcome.processorSeconds))
  line('events that happened', ledger['happened'])
  line('  of these, accepted by a webhook', ledger['accepted'])
  line('  only in the API, while the webhook was off', ledger['onlyInApi'])
  line('  of these, filled in from there', ledger['filled'])
  line('events stored at the end', outcome.stored)
  line('  of these, in the archive', outcome.archived)
  for (const { name, requests, blockedMs } of outcome.requests) {
    line(`requests of webhook “${name}”`, requests)
    line('  hours it was blocked', Math.round(blockedMs / HOUR))
  }
  line('requests of people and programs', counts['responses'])
  line('runs of the schedule', counts['runsOfSchedule'])
  line('invocations', concurrency['invocations'])
  line('  at once, at most', concurrency['most'])
  line('calls of database, queues and bucket', concurrency['calls'])
  line('  while several invocations ran', concurrency['callsOfSeveral'])
  line('decisions of the scheduler', outcome.steps)
  title('What went wrong, on purpose')
  list(outcome.faults)
  list(outcome.life)
  title('Alerts')
  line('began, and somebody was told', alerts.begun)
  line('ended, and somebody was told', alerts.ended)
  line('told again, as the telling was in doubt', alerts.repeated)
  list(alerts.seen)
  title('What was checked')
  line('rows compared with what was sent, when stored', counts['rowsCompared'])
  line('rows followed into the archive, when deleted', counts['rowsDeleted'])
  line('files of the archive compared', counts['filesCompared'])
  line('times that nothing accepted was missing', counts['idleChecks'])
  line('recounts of all totals and suppressions', counts['recounts'])
  line('comparisons of alerts with those told', counts['alertChecks'])
  line('lines of the log searched', counts['logLines'])
  title('Result')
  line('events stored once by each of two time zones', ledger['twiceByZone'])
  line('totals that count a contact twice', outcome.countedTwice)
  line('digest of everything that happened', digest.trace)
  line('digest of everything stored', digest.state)
  const isRight = outcome.violation === undefined
  console.log(
    isRight
      ? styleText('green', '✔ Nothing lost, doubled, altered, miscounted or kept of the erased.')
      : styleText('red', `✘ ${outcome.violation}`),
  )
  return isRight
}

function title(text: string): void {
  console.log(`\n${styleText('bold', text)}`)
}

function line(name: string, value: number | string = 0): void {
  const text = typeof value === 'number' ? value.toLocaleString('en') : value
  console.log(`${name.padEnd(50)}${text.padStart(20)}`)
}

function list(counts: Counts): void {
  for (const [name, count] of Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))) {
    line(`  ${name}`, count)
  }
}
