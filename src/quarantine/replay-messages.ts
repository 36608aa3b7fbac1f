import { digest128 } from '../event/identity.ts'
import { checkDeferred } from '../ingest/check-deferred.ts'
import { storeMessages, type Outcome } from '../db/write/batch-writer.ts'
import { removeItems } from '../db/quarantine/changes.ts'
import type { StoredItem } from '../db/quarantine/list.ts'
import type { ReplayContext, ReplayReport } from './store-replayed.ts'
import { splitMessage, type Piece } from './split-message.ts'

// A message that the database rejects takes a few statements for each invalid row.
const DATABASE_TIMEOUT_MS = 20_000

/**
 * Stores quarantined messages of the queue, row by row. A row that fails alone is quarantined separately; a message is
 * deleted once all of its rows are durable.
 */
export async function replayMessages(
  { db }: Pick<ReplayContext, 'db'>,
  messages: readonly StoredItem[],
): Promise<ReplayReport> {
  const opened = messages.map((message) => ({
    message,
    pieces: splitMessage(checkDeferred(message.sent)),
  }))
  const readable = opened.flatMap(({ message, pieces }) => (pieces ? [{ message, pieces }] : []))
  const items = readable.flatMap(({ message, pieces }) =>
    pieces.map((piece) => ({ message, piece, text: piece.text, quarantineOnFailure: true })),
  )
  const { outcomes } = await storeMessages(db, items, DATABASE_TIMEOUT_MS)
  const outcomeOf = new Map(items.map(({ piece }, index) => [piece, outcomes[index] ?? 'failed']))
  const durable = readable.filter(({ message, pieces }) => isDurable(message, pieces, outcomeOf))
  await removeItems(
    db,
    durable.map(({ message }) => message),
  )
  const pieces = durable.flatMap((each) => each.pieces)
  return {
    replayed: durable.length,
    events: pieces.filter((piece) => piece.isEvent && outcomeOf.get(piece) === 'stored').length,
    still:
      messages.length -
      durable.length +
      pieces.filter((piece) => outcomeOf.get(piece) === 'quarantined').length,
  }
}

/** Whether all of a message is stored elsewhere. A row that was quarantined again may be the message itself. */
function isDurable(
  { request }: StoredItem,
  pieces: readonly Piece[],
  outcomeOf: ReadonlyMap<Piece, Outcome>,
): boolean {
  return pieces.every((piece) => {
    const outcome = outcomeOf.get(piece)
    if (outcome !== 'quarantined') return outcome === 'stored'
    return digest128(piece.text) !== request
  })
}
