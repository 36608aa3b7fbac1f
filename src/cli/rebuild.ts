import * as z from 'zod'
import { readOptions } from './options.ts'
import { askReceiver, findReceiver, RECEIVER_OPTIONS, RECEIVER_USAGE } from './receiver.ts'

const USAGE = `Rebuilds the tables behind reports, contacts, deliveries and suppressions from the events. Events may arrive
meanwhile.

  npm run rebuild -- [--url URL]

${RECEIVER_USAGE}`

const step = z.object({ events: z.number(), next: z.number().nullable() })

/** `npm run rebuild`: calls the receiver for one step after another. */
async function rebuild(): Promise<void> {
  const receiver = findReceiver(readOptions(RECEIVER_OPTIONS, USAGE).url)
  let counted = 0
  for (let next: number | null = null, isFirst = true; isFirst || next !== null; isFirst = false) {
    const path: string = next === null ? '/rebuild' : `/rebuild?since=${next}`
    const response = step.parse(await askReceiver(receiver, 'POST', path))
    counted += response.events
    next = response.next
    console.log(`${counted.toLocaleString('en')} events counted`)
  }
}

await rebuild()
