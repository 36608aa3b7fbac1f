import { Elements } from '../../src/ingest/parse-elements.ts'
import { prepare } from '../../src/ingest/to-messages.ts'

const ENVELOPE = { receivedAt: Date.UTC(2026, 0, 5), origin: 'webhook', labels: null } as const

/** The work of the edge without the network, and a reference. */
const WORK = {
  nothing: (body: Uint8Array) => () => body.byteLength,
  json: (body: Uint8Array) => {
    const text = new TextDecoder().decode(body)
    return () => JSON.stringify(JSON.parse(text)).length
  },
  prepare: (body: Uint8Array) => () => prepare(new Elements(body), ENVELOPE, 'UTC').accepted,
} as const

/** The kinds of work. */
export type Work = keyof typeof WORK

/** A Worker that repeats one kind of work. It is timed from outside, because its own clock does not advance. */
export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url)
    const work = WORK[searchParams.get('work') as Work](new Uint8Array(await request.arrayBuffer()))
    let sum = 0
    for (let left = Number(searchParams.get('times')); left > 0; left--) sum += work()
    return Response.json({ sum })
  },
} satisfies ExportedHandler
