import { makeBodies } from './bodies.ts'
import type { Work } from './kernel.ts'
import { median } from './median.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'

const EVENTS_EACH = 50
const TIMES = 200 // per body, so that the round trip hardly counts

/** Measures the processor time of the edge per event, compared with parsing and writing JSON. */
export async function measureProcessor(kernel: Server, bodies: number): Promise<Figure[]> {
  const time = async (work: Work, body: Buffer, times: number) => {
    const start = performance.now()
    await kernel.request('POST', `/?work=${work}&times=${times}`, body)
    return ((performance.now() - start) * 1_000) / EVENTS_EACH / TIMES
  }
  const found: Record<'json' | 'prepare', number[]> = { json: [], prepare: [] }
  for (const [index, body] of [...makeBodies(bodies, EVENTS_EACH, 8_000_000)].entries()) {
    const overhead = Math.min(await time('nothing', body, 1), await time('nothing', body, 1))
    const works = index % 2 === 0 ? (['json', 'prepare'] as const) : (['prepare', 'json'] as const)
    for (const work of works) found[work].push((await time(work, body, TIMES)) - overhead)
  }
  // The first bodies warm the runtime up.
  const [json, prepare] = (['json', 'prepare'] as const).map((work) =>
    median(found[work].slice(bodies >> 2)),
  ) as [number, number]
  return [
    {
      name: `microseconds per event at the edge (JSON.parse and JSON.stringify: ${show(json)})`,
      found: `${show(prepare)}, ${show(prepare / json)} times as long`,
      target: '≤ 6 times',
      met: prepare <= 6 * json,
    },
  ]
}
