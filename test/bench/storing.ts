import { makeBodies } from './bodies.ts'
import { alternate } from './median.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'
import { Sqlite } from './sqlite.ts'

/** Events stored a second by each contender. */
type Rates = { receiver: number; tutorial: number; sqlite: number }

/** The rates, by the events in a POST. */
export type Storing = ReadonlyMap<number, Rates>

const MOST_FOR_TUTORIAL = 5_000 // it is slow; fewer, and the queue's last second would weigh

/** From the first POST until the last event can be read. */
export async function measureStoring(
  receiver: Server,
  tutorial: Server,
  scale: { rounds: number; events: number },
): Promise<{ storing: Storing; figures: Figure[] }> {
  const storing = new Map<number, Rates>()
  for (const eventsEach of [4, 50, 500]) {
    const make = (events: number, round: number) => [
      ...makeBodies(Math.ceil(events / eventsEach), eventsEach, 100_000 * eventsEach + round),
    ]
    const fill = (server: Server, events: number) => async (round: number) => {
      const bodies = make(events, round)
      const before = await server.countStored()
      const begun = performance.now()
      await server.post(bodies)
      await server.untilStored(before + bodies.length * eventsEach)
      return (bodies.length * eventsEach) / ((performance.now() - begun) / 1_000)
    }
    const events = eventsEach === 4 ? scale.events / 4 : scale.events
    const found = await alternate(scale.rounds, {
      receiver: fill(receiver, events),
      tutorial: fill(tutorial, Math.min(events, MOST_FOR_TUTORIAL)),
      sqlite: async (round) => {
        const bodies = make(events, round)
        const sqlite = new Sqlite()
        const seconds = await sqlite.save(bodies)
        sqlite.close()
        return (bodies.length * eventsEach) / seconds
      },
    })
    storing.set(eventsEach, found)
  }
  return { storing, figures: [...storing].flatMap(toFigures) }
}

function toFigures([eventsEach, found]: [number, Rates]): Figure[] {
  const times = found.receiver / found.tutorial
  const share = found.receiver / found.sqlite
  return [
    {
      name: `events stored a second, ${eventsEach} a POST (the tutorial: ${show(found.tutorial)})`,
      found: `${show(found.receiver)}, ${show(times)} times as many`,
      ...(eventsEach === 50 && { target: '≥ 10 times', met: times >= 10 }),
    },
    {
      name: `the same against SQLite itself (${show(found.sqlite)})`,
      found: `${show(share)} of it`,
      ...(eventsEach >= 50 && { target: '≥ 0.4 of it', met: share >= 0.4 }),
    },
  ]
}
