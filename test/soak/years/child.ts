import { appendFileSync } from 'node:fs'
import { Life } from './life.ts'
import { People } from './people.ts'
import { Simulation, type SimulationOptions } from './simulation.ts'

/** A simulation in a process of its own, whose time and chance are not the machine's. */

const real = process.hrtime.bigint.bind(process.hrtime)
const write = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
const secondsSince = (begin: bigint) => Number(real() - begin) / 1e9
const secondsOf = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1e6

/** One after the other, each with a receiver of its own. */
const list = JSON.parse(process.argv[2] ?? '[]') as SimulationOptions[]
const traceFile = process.argv[3]
let lines: string[] = []

/** Writes the trace, many lines at once. */
function keep(file: string, line: string): void {
  if (lines.push(line) < 10_000) return
  appendFileSync(file, lines.join(''))
  lines = []
}

for (const options of list) {
  const begin = real()
  const used = process.cpuUsage()
  const simulation = new Simulation({
    ...options,
    ...(traceFile !== undefined && { onTrace: (line) => keep(traceFile, line) }),
  })
  const life = new Life(simulation)
  const people = new People(simulation)
  let violation: string | undefined
  try {
    await simulation.deploy()
    simulation.addWebhook('all', 1)
    simulation.addWebhook('chosen', 3, ['UNDELIVERED', 'CLICKED', 'UNSUBSCRIBED', 'SPAM'])
    simulation.start()
    people.start()
    await life.run((day) =>
      write({
        seed: options.seed,
        day,
        seconds: secondsSince(begin),
        stored: simulation.ledger.size,
      }),
    )
    await people.end()
    await simulation.settle()
    await people.finish()
  } catch (error) {
    violation = error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const { scheduler, ledger, world, inbox, recount, counts } = simulation
  write({
    seed: options.seed,
    plan: options.plan,
    days: options.days,
    violation,
    at: new Date(scheduler.now()).toISOString(),
    seconds: secondsSince(begin),
    processorSeconds: secondsOf(process.cpuUsage(used)),
    steps: scheduler.steps,
    digest: await simulation.digest(),
    counts,
    life: life.counts,
    operator: life.operator.counts,
    people: people.counts,
    ledger: ledger.counts,
    stored: ledger.size,
    archived: ledger.archived,
    faults: world.counts,
    concurrency: world.concurrency,
    alerts: { ...inbox.counts, seen: Object.fromEntries(inbox.seen) },
    countedTwice: recount.countedTwice,
    requests: simulation.webhooks.map(({ form, requests, blockedMs }) => ({
      name: form.name,
      requests,
      blockedMs,
    })),
    megabytes: Math.round(process.memoryUsage().heapUsed / 1e6),
  })
}
if (traceFile !== undefined) appendFileSync(traceFile, lines.join(''))
