import { saveMessages } from '../../db/write/save-messages.ts'
import { Elements } from '../../ingest/parse-elements.ts'
import { prepare } from '../../ingest/to-messages.ts'
import { joinBody, type Element } from '../traffic.ts'

const CHUNK_BYTES = 1_000_000

/** A body of the webhook, and when it comes in: UTC milliseconds. */
export type Arrival = { receivedAt: number; elements: readonly Element[] }

/**
 * Stores bodies by the receiver's own code, each as if it came in at its time, without the network and the queue.
 *
 * @param db with the receiver's tables
 * @param onStored is called now and then with the number of elements stored so far
 */
export async function storeArrivals(
  db: D1Database,
  arrivals: Iterable<Arrival>,
  onStored: (count: number) => void = () => {},
): Promise<void> {
  let chunk: string[] = []
  let [bytes, count] = [0, 0]
  const save = async () => {
    await saveMessages(db, chunk)
    chunk = []
    bytes = 0
    onStored(count)
  }
  for (const { receivedAt, elements } of arrivals) {
    const envelope = { receivedAt, origin: 'webhook', labels: null } as const
    for (const text of prepare(new Elements(joinBody(elements)), envelope, 'UTC').messages) {
      const size = Buffer.byteLength(text)
      if (bytes + size > CHUNK_BYTES) await save()
      chunk.push(text)
      bytes += size
    }
    count += elements.length
  }
  if (chunk.length > 0) await save()
}
