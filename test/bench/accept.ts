import { makeBodies } from './bodies.ts'
import { alternate } from './median.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'

/** Measures accepted requests per second, compared with a minimal Worker. */
export async function measureAccepting(
  receiver: Server,
  minimal: Server,
  scale: { rounds: number; requests: number },
): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const eventsEach of [1, 4]) {
    const send = (server: Server) => async (round: number) => {
      const bodies = [...makeBodies(scale.requests, eventsEach, 1_000 * eventsEach + round)]
      const start = performance.now()
      await server.post(bodies)
      const seconds = (performance.now() - start) / 1_000
      await server.untilConsumed()
      return bodies.length / seconds
    }
    const found = await alternate(scale.rounds, {
      minimal: send(minimal),
      receiver: send(receiver),
    })
    const share = found.receiver / found.minimal
    figures.push({
      name: `requests accepted per second, ${eventsEach} per POST (a minimal Worker: ${show(found.minimal)})`,
      found: `${show(found.receiver)}, ${show(share)} of it`,
    })
  }
  return figures
}
