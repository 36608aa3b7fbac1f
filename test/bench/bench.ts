import { readOptions } from '../../src/setup/options.ts'
import { measureAccepting } from './accept.ts'
import { measureBundle } from './bundle.ts'
import { measureCosts } from './costs.ts'
import { measureProcessor } from './processor.ts'
import { compareReading, describeStore, fill, measureReading } from './reading.ts'
import { formatReport, type Figure } from './report.ts'
import { Server } from './server.ts'
import { measureStoring } from './storing.ts'
import { measureWaiting } from './waiting.ts'

const USAGE = `Measures how fast the receiver is and what it costs, against the limits of this machine and against
what people would write otherwise. Takes about ten minutes.

  npm run bench -- [options]

  --quick   takes a minute, to see that everything runs; its figures mean nothing
  --large   ten million events too, which takes half an hour and 5 GB more`

/** How much of each is done. */
const SCALES = {
  usual: {
    rounds: 3,
    requests: 3_000,
    events: 100_000,
    waits: 40,
    kernelBodies: 60,
    costBodies: 100,
    small: 10_000,
    large: 1_000_000,
  },
  quick: {
    rounds: 1,
    requests: 40,
    events: 2_000,
    waits: 2,
    kernelBodies: 8,
    costBodies: 2,
    small: 6_000,
    large: 8_000,
  },
} as const

const OPTIONS = { quick: { type: 'boolean' }, large: { type: 'boolean' } } as const

const values = readOptions(OPTIONS, USAGE)
console.log(formatReport(await measure(SCALES[values.quick ? 'quick' : 'usual'])))

async function measure(scale: (typeof SCALES)[keyof typeof SCALES]): Promise<Figure[]> {
  const contenders = await measureContenders(scale)
  const small = await withServers(['receiver'], async ([receiver]) => {
    await fill(receiver, scale.small, 1)
    return measureReading(receiver)
  })
  const grown = await withServers(['receiver'], async ([receiver]) => {
    tell(`${scale.large.toLocaleString('en')} events`)
    const memory = await fill(receiver, scale.large, 2)
    const sizes = [scale.small, scale.large] as const
    const figures = compareReading(small, await measureReading(receiver), sizes)
    figures.push(...(await describeStore(receiver, memory)))
    if (!values.large) return figures
    tell('10 million events')
    await fill(receiver, scale.large * 10, 3)
    return [
      ...figures,
      ...compareReading(small, await measureReading(receiver), [scale.small, scale.large * 10]),
    ]
  })
  tell('the bundle')
  return [...contenders, ...grown, ...measureBundle()]
}

async function measureContenders(scale: (typeof SCALES)[keyof typeof SCALES]): Promise<Figure[]> {
  const kinds = ['receiver', 'door', 'tutorial', 'kernel'] as const
  return withServers(kinds, async ([receiver, door, tutorial, kernel]) => {
    tell('requests accepted')
    const figures = await measureAccepting(receiver, door, scale)
    tell('events stored')
    const { storing, figures: stored } = await measureStoring(receiver, tutorial, scale)
    tell('from POST to readable')
    figures.push(...stored, ...(await measureWaiting(receiver, scale.waits)))
    tell('processor time')
    figures.push(...(await measureProcessor(kernel, scale.kernelBodies)))
    tell('costs')
    const costs = await measureCosts(receiver, tutorial, storing, { bodies: scale.costBodies })
    return [...figures, ...costs]
  })
}

type ServersOf<Kinds extends readonly unknown[]> = { [Place in keyof Kinds]: Server }

async function withServers<
  const Kinds extends readonly Parameters<typeof Server.start>[0][],
  Result,
>(kinds: Kinds, use: (servers: ServersOf<Kinds>) => Promise<Result>): Promise<Result> {
  const servers: Server[] = []
  try {
    for (const kind of kinds) servers.push(await Server.start(kind))
    return await use(servers as ServersOf<Kinds>)
  } finally {
    for (const server of servers) await server.close()
  }
}

function tell(what: string): void {
  console.error(`measuring ${what} …`)
}
