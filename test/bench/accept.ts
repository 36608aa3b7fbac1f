import { makeBodies } from './bodies.ts'
import { alternate } from './median.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'

/** Requests accepted a second, against the door's limit. */
export async function measureAccepting(
  receiver: Server,
  door: Server,
  scale: { rounds: number; requests: number },
): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const eventsEach of [1, 4]) {
    const send = (server: Server) => async (round: number) => {
      const bodies = [...makeBodies(scale.requests, eventsEach, 1_000 * eventsEach + round)]
      const begun = performance.now()
      await server.post(bodies)
      const seconds = (performance.now() - begun) / 1_000
      await server.untilConsumed()
      return bodies.length / seconds
    }
    const found = await alternate(scale.rounds, { door: send(door), receiver: send(receiver) })
    const share = found.receiver / found.door
    figures.push({
      name: `requests accepted a second, ${eventsEach} a POST (the door's limit: ${show(found.door)})`,
      found: `${show(found.receiver)}, ${show(share)} of it`,
    })
  }
  return figures
}
