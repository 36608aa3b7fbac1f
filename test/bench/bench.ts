import { resolve } from 'node:path'
import { parseCount, readOptions } from '../../src/cli/options.ts'
import { measureAccepting } from './accept.ts'
import { measureBundle } from './bundle.ts'
import { describeGrown, listCosts, listStoring, summarize } from './findings.ts'
import { NodeRed } from './node-red.ts'
import { measureProcessor } from './processor.ts'
import { measureReading } from './reading.ts'
import { compare, formatReport, type Figure, type Table } from './report.ts'
import { measureRows } from './rows.ts'
import { Server, type Kind } from './server.ts'
import { PlainSqlite, ReceiverSqlite } from './sqlite.ts'
import * as stores from './storing.ts'
import { measureViews } from './views.ts'
import { measureWaiting } from './waiting.ts'

const USAGE = `Measures the speed and cost of the receiver, compared with alternatives. Takes about twenty minutes;
test/bench/README.md has the method and results.

  npm run bench -- [options]

  --against FOLDER   another checkout, with its node_modules, whose receiver is measured in the same run as "before"
  --events 200000    how many events to store in each database before measuring
  --quick            takes a minute, to check that everything runs, without Node-RED; its figures mean nothing`

/** The amount of each measurement; `events` is the number stored in a round, by the size of the POSTs. */
const SCALES = {
  usual: {
    rounds: 3,
    requests: 3_000,
    waits: 20,
    kernelBodies: 60,
    // Enough that the last second, in which the queue waits for more messages, hardly counts.
    events: { 1: 10_000, 4: 30_000, 14: 60_000, 50: 90_000, 100: 90_000, 500: 90_000 },
    tutorialEvents: 1_500, // it is slow
    histories: [0, 100, 2_000],
    reads: 30,
  },
  quick: {
    rounds: 1,
    requests: 40,
    waits: 2,
    kernelBodies: 8,
    events: { 1: 40, 4: 200, 14: 280, 50: 1_000, 100: 1_000, 500: 1_000 },
    tutorialEvents: 50,
    histories: [0, 100, 200],
    reads: 3,
  },
} as const

type Scale = (typeof SCALES)[keyof typeof SCALES]
type Closable = { close: () => Promise<void> | void }

const OPTIONS = {
  against: { type: 'string' },
  events: { type: 'string' },
  quick: { type: 'boolean' },
} as const

const values = readOptions(OPTIONS, USAGE)
const events = parseCount('--events', values.events ?? (values.quick ? '5000' : '200000'))
const [tables, figures] = await measure(SCALES[values.quick ? 'quick' : 'usual'])
console.log(formatReport(tables, figures))

async function measure(scale: Scale): Promise<[Table[], Figure[]]> {
  const edge = await measureEdge(scale)
  const [grown, found] = await measureStores(scale)
  showProgress('the bundle')
  return [grown, [...found, ...edge, ...measureBundle()]]
}

/** Figures that do not depend on the stored events. */
function measureEdge(scale: Scale): Promise<Figure[]> {
  return using(async (open) => {
    const start = async (kind: Kind) => open(await Server.start(kind))
    const [receiver, minimal, kernel] = [
      await start('receiver'),
      await start('minimal'),
      await start('kernel'),
    ]
    showProgress('requests accepted')
    const accepted = await measureAccepting(receiver, minimal, scale)
    showProgress('from POST to readable')
    const waited = await measureWaiting(receiver, scale.waits)
    showProgress('processor time')
    return [...accepted, ...waited, ...(await measureProcessor(kernel, scale.kernelBodies))]
  })
}

function measureStores(scale: Scale): Promise<[Table[], Figure[]]> {
  return using(async (open) => {
    const receiver = open(await Server.start('receiver'))
    const before =
      values.against === undefined
        ? undefined
        : open(await Server.start('receiver', resolve(values.against)))
    const nodeRed = values.quick ? undefined : await startNodeRed(open)
    const all = [
      stores.workerStore('receiver', receiver),
      ...(before ? [stores.workerStore('before', before)] : []),
      stores.plainStore(open(new PlainSqlite())),
      stores.limitStore(open(new ReceiverSqlite())),
      ...(nodeRed ? [stores.nodeRedStore(nodeRed)] : []),
    ]
    showProgress(`${events.toLocaleString('en')} events, in turn`)
    const memory = await stores.growAlike(all, events, 1)
    const storing = new Map<number, stores.Storing>()
    for (const size of stores.SIZES) {
      showProgress(`events stored, ${size} per POST`)
      const options = { rounds: scale.rounds, events: scale.events[size] }
      storing.set(size, await stores.measureStoring(all, size, options))
    }
    const stored = Math.ceil(events / 500) * 500 + scale.rounds * sumUp(scale.events)
    const tutorial = await measureTutorial(scale.tutorialEvents)
    const describe = async (server: Server, name: string) => {
      showProgress(`reads and writes of the ${name}`)
      await server.untilStored(stored)
      const bytes = (await server.readUsed()).databaseBytes / stored
      return [
        ...(await measureRows(server, scale.histories)),
        ...describeGrown(bytes, memory.get(name) ?? []),
        ...(await measureViews(server)),
        ...(await measureReading(server, scale.reads, name === 'before')),
      ]
    }
    const found = await describe(receiver, 'receiver')
    const compared = before ? compare(found, await describe(before, 'before')) : found
    return [
      [listStoring(storing), listCosts(storing, tutorial)],
      [...summarize(storing), ...compared],
    ]
  })
}

/** Measures the Worker of the examples with fewer events, because it is slow. */
function measureTutorial(count: number): Promise<stores.Storing> {
  return using(async (open) => {
    showProgress('the examples')
    const tutorial = stores.workerStore('examples', open(await Server.start('tutorial')))
    return stores.measureStoring([tutorial], 50, { rounds: 1, events: count })
  })
}

async function startNodeRed(open: <T extends Closable>(opened: T) => T) {
  showProgress('Node-RED: installing it')
  try {
    return open(await NodeRed.start())
  } catch (error) {
    console.error(`Node-RED is left out: it could not be installed and started. ${String(error)}`)
    return undefined
  }
}

/** Closes everything that was opened, even after an error. */
async function using<Result>(
  use: (open: <T extends Closable>(opened: T) => T) => Promise<Result>,
): Promise<Result> {
  const opened: Closable[] = []
  try {
    return await use((each) => {
      opened.push(each)
      return each
    })
  } finally {
    for (const each of opened.toReversed()) await each.close()
  }
}

function sumUp(counts: Readonly<Record<number, number>>): number {
  return Object.entries(counts).reduce(
    (sum, [size, count]) => sum + Math.ceil(count / Number(size)) * Number(size),
    0,
  )
}

function showProgress(step: string): void {
  console.error(`measuring ${step} …`)
}
