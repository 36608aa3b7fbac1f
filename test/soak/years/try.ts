import { experimental_readRawConfig as readRawConfig } from 'wrangler'
import { Simulation } from './simulation.ts'
import { FAIR, STORM } from './weather.ts'
const now = process.hrtime.bigint
const { rawConfig } = readRawConfig({ config: 'wrangler.toml' })
const S = now()
const [, , bundle, days, seed, weather, plan] = process.argv
const sim = new Simulation({ bundle: bundle!, config: rawConfig as never, plan: (plan ?? 'paid') as never, seed: Number(seed), start: Date.UTC(2026,0,5), days: Number(days), eventsPerDay: 140, oddPerDay: 20, keepDays: 30, onTrace: process.env.TRACE ? (l) => process.stdout.write(l) : undefined })
await sim.deploy()
sim.addWebhook('all', 1); sim.addWebhook('chosen', 3, ['UNDELIVERED', 'CLICKED', 'UNSUBSCRIBED', 'SPAM'])
sim.start()
sim.world.weather = weather === 'storm' ? STORM : FAIR
await sim.scheduler.runUntil(sim.options.start + Number(days)*86400_000)
const T = now()
await sim.settle()
process.stdout.write(JSON.stringify({ ms: Number(T-S)/1e6|0, settle: Number(now()-T)/1e6|0, steps: sim.scheduler.steps, ...sim.counts, ledger: sim.ledger.counts, size: sim.ledger.size, faults: sim.world.counts, inbox: sim.inbox.counts, seen: [...sim.inbox.seen], twice: sim.recount.countedTwice, digest: await sim.digest(), mem: process.memoryUsage().heapUsed/1e6|0 }, null, 1) + '\n')
