import { HOUR_MS } from '../event/clock.ts'
import { withTimeout } from '../platform/timeout.ts'
import type { Outcome } from '../db/write/batch-writer.ts'
import { keepRaw, removeRaw } from '../db/write/raw-messages.ts'

/** As many as wrangler.toml says; after these a message goes to the dead letters, and then is deleted. */
export const MAX_RETRIES = 100
const LAST_ATTEMPTS = MAX_RETRIES - 10

/** The free plan keeps a message for 24 hours: from this age on, any try may be its last one. */
export const LAST_AGE_MS = 20 * HOUR_MS

const RAW_TIMEOUT_MS = 20_000
const SEND_TIMEOUT_MS = 10_000
// A blank that JSON does not mind: of what is sent anew, a copy may be kept, though nobody was told so.
const SENT_ANEW = '\n'
const REASON = 'could not be stored in many tries: the schedule tries again'

/** What may be needed to keep a message from being lost. */
export type LastChanceDeps = { db: D1Database; queue: Queue }

/** A message, how often it was tried (this time included), and how long ago it was sent, in milliseconds. */
export type Tried = { text: string; attempts: number; age: number }

/** What became of messages that may have had their last try, as far as it is another outcome than before. */
export type Settled<Item> = { outcomes: Map<Item, LastOutcome>; faults: string[] }

type LastOutcome = Outcome | 'sent anew'

/**
 * Writes down raw what may be tried for the last time, before it is: an invocation that is ended in the
 * middle of storing it, as it takes too much processor time or memory, then loses nothing.
 *
 * @returns how to settle it once it is known what else became of it
 */
export async function keepLast<Item extends Tried>(
  { db, queue }: LastChanceDeps,
  items: readonly Item[],
) {
  const last = items.filter(({ attempts, age }) => attempts >= LAST_ATTEMPTS || age >= LAST_AGE_MS)
  const texts = last.map(({ text }) => text.trimEnd())
  const faults: string[] = []
  const attempt = async (what: string, ms: number, work: () => Promise<unknown>) => {
    try {
      await withTimeout(what, ms, work())
      return true
    } catch (error) {
      faults.push(String(error).slice(0, 200))
      return false
    }
  }
  const isKept =
    last.length > 0 &&
    (await attempt('the database', RAW_TIMEOUT_MS, () => keepRaw(db, texts, REASON)))

  /**
   * Takes away again what could be stored after all. What could not be, and is not kept either, is sent anew, as a
   * message with all its tries and time before it.
   */
  async function settle(outcomeOf: (item: Item) => Outcome): Promise<Settled<Item>> {
    const settled: Settled<Item>['outcomes'] = new Map()
    // An error may come after the commit: so whatever may have been kept is taken away, and else comes again.
    const mayBeKept = items.filter((item) => last.includes(item) || item.text.endsWith(SENT_ANEW))
    const stored = mayBeKept.filter((item) => outcomeOf(item) === 'stored')
    if (stored.length > 0) {
      const keys = stored.map(({ text }) => text.trimEnd())
      const isRemoved = await attempt('the database', RAW_TIMEOUT_MS, () => removeRaw(db, keys))
      if (!isRemoved) for (const item of stored) settled.set(item, 'failed')
    }
    const failed = last.filter((item) => outcomeOf(item) === 'failed')
    if (isKept) {
      // While there are tries left it may still be stored, without anybody having to replay it.
      for (const item of failed) if (item.attempts >= MAX_RETRIES) settled.set(item, 'quarantined')
      return { outcomes: settled, faults }
    }
    const sendAnew = async (item: Item) => {
      const text = `${item.text.trimEnd()}${SENT_ANEW}`
      const sending = () => queue.send(text, { contentType: 'text' })
      if (await attempt('the queue', SEND_TIMEOUT_MS, sending)) settled.set(item, 'sent anew')
    }
    await Promise.all(failed.map(sendAnew))
    return { outcomes: settled, faults }
  }
  return { settle }
}
