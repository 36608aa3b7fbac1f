import { priceMillion } from './costs.ts'
import { median } from './median.ts'
import { show, type Figure, type Table } from './report.ts'
import type { Cost, Storing } from './storing.ts'

type BySize = ReadonlyMap<number, Storing>

/** Events per second that SESnoop stored in an earlier comparison, by the size of POSTs; above 14 it responds with 500. */
const SESNOOP = new Map([
  [1, '462'],
  [14, '4,898'],
  [50, 'responds 500'],
  [100, 'responds 500'],
  [500, 'responds 500'],
])

const COMPARED = [1, 14, 50, 500]

const MAX_DOLLARS = new Map([
  [1, 3],
  [4, 2.2],
  [100, 2],
])

/** The table of events stored per second. */
export function listStoring(storing: BySize): Table {
  const names = [...new Set([...storing.values()].flatMap(({ rates }) => [...rates.keys()]))]
  return {
    title: 'Events stored per second',
    head: ['events per POST', ...names, 'SESnoop (quoted)'],
    rows: [...storing].map(([size, { rates }]) => [
      String(size),
      ...names.map((name) => show(median(rates.get(name) ?? []))),
      SESNOOP.get(size) ?? '',
    ]),
  }
}

/** The table of costs per million events. */
export function listCosts(storing: BySize, examples: Storing): Table {
  const isCompared = [...storing.values()].some(({ costs }) => costs.has('before'))
  const names = isCompared ? ['receiver', 'before'] : ['receiver']
  return {
    title: 'Cost of a million events',
    head: [
      'events per POST',
      ...names.flatMap((name) => [
        `dollars: ${name}`,
        `rows read per event${name === 'before' ? ' before' : ''}`,
        'rows written',
        'queue operations',
        'µs of processor',
      ]),
      'dollars: examples',
    ],
    rows: [...storing].map(([size, found]) => [
      String(size),
      ...names.flatMap((name) => {
        const { rowsRead, rowsWritten, queueOperations, processorMs } = costOf(found, name)
        const dollars = dollarsOf(found, name, size).toFixed(2)
        const used = [rowsRead, rowsWritten, queueOperations, processorMs * 1_000]
        return [dollars, ...used.map(show)]
      }),
      dollarsOf(examples, 'examples', size).toFixed(2),
    ]),
  }
}

/** The figures of storing events that have targets. */
export function summarize(storing: BySize): Figure[] {
  const figures: Figure[] = []
  if ([...storing.values()].some(({ rates }) => rates.has('before'))) {
    const times = COMPARED.map((size) => {
      const [now, before] = ['receiver', 'before'].map((name) => ratesOf(find(storing, size), name))
      return median((now ?? []).map((rate, round) => rate / (before?.[round] ?? NaN)))
    })
    figures.push({
      name: `events stored per second, relative to before, ${COMPARED.join(', ')} per POST`,
      found: times.map(show).join(', '),
      target: '≥ 1.5 times, each',
      met: Math.min(...times) >= 1.5,
    })
  }
  for (const size of [50, 500]) {
    const found = find(storing, size)
    const share = (name: string) =>
      median(ratesOf(found, name)) / median(ratesOf(found, 'SQLite itself'))
    figures.push({
      name: `events stored per second, relative to SQLite itself, ${size} per POST`,
      found: show(share('receiver')),
      ...(found.rates.has('before') && { before: show(share('before')) }),
      target: '≥ 0.6 of it',
      met: share('receiver') >= 0.6,
    })
  }
  for (const [size, maxDollars] of MAX_DOLLARS) {
    const found = find(storing, size)
    const dollars = dollarsOf(found, 'receiver', size)
    figures.push({
      name: `dollars per million events, ${size} per POST`,
      found: dollars.toFixed(2),
      ...(found.costs.has('before') && { before: dollarsOf(found, 'before', size).toFixed(2) }),
      target: `≤ ${maxDollars.toFixed(2)}`,
      met: dollars <= maxDollars,
    })
  }
  const batched = find(storing, 100)
  const written = costOf(batched, 'receiver').rowsWritten
  figures.push({
    name: 'rows written per new event, 100 per POST',
    found: show(written),
    ...(batched.costs.has('before') && { before: show(costOf(batched, 'before').rowsWritten) }),
    target: '≤ 2.1',
    met: written <= 2.1,
  })
  return figures
}

/**
 * The size of an event in the database, and the growth of memory.
 *
 * @param bytes per event, with all tables and indexes
 * @param memory MB of the runtime, from the first event to the last
 */
export function describeGrown(bytes: number, memory: readonly number[]): Figure[] {
  const figures: Figure[] = [
    {
      name: 'bytes per event, all tables and indexes',
      found: show(bytes),
      target: '≤ 420',
      met: bytes <= 420,
    },
  ]
  // The first fifth fills caches and grows the heap to its working size.
  const fifth = Math.floor(memory.length / 5)
  if (fifth < 2) return figures
  const [early, late] = [median(memory.slice(fifth, 2 * fifth)), median(memory.slice(-fifth))]
  figures.push({
    name: 'MB of the runtime in the second and the last fifth of the events, and the ratio',
    found: `${show(early)}, ${show(late)}; ${(late / early).toFixed(2)}`,
    target: '≤ 1.05',
    met: late <= 1.05 * early,
  })
  return figures
}

function dollarsOf(found: Storing, name: string, size: number): number {
  return priceMillion({ ...costOf(found, name), requests: 1 / size })
}

function costOf({ costs }: Storing, name: string): Cost {
  const cost = costs.get(name)
  if (!cost) throw new Error(`the use of ${name} was not measured`)
  return cost
}

function ratesOf({ rates }: Storing, name: string): readonly number[] {
  const found = rates.get(name)
  if (!found) throw new Error(`the speed of ${name} was not measured`)
  return found
}

function find(storing: BySize, size: number): Storing {
  const found = storing.get(size)
  if (!found) throw new Error(`${size} events per POST were not measured`)
  return found
}
