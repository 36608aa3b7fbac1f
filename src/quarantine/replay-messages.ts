import { digest128 } from '../event/identity.ts'
import { storeMessages, type Outcome } from '../db/write/batch-writer.ts'
import { removeItems } from '../db/quarantine/changes.ts'
import type { StoredItem } from '../db/quarantine/list.ts'
import type { Means, ReplayReport } from './store-replayed.ts'
import { splitMessage, type Piece } from './split-message.ts'

// A message that the database does not take costs it a few statements for each row at fault.
const DATABASE_TIMEOUT_MS = 20_000

/**
 * Stores messages of the queue that were set aside, row by row. A row that fails alone is set aside by
 * itself; a message goes once every row of it is durable.
 */
export async function replayMessages(
  { db }: Pick<Means, 'db'>,
  waiting: readonly StoredItem[],
): Promise<ReplayReport> {
  const opened = waiting.map((message) => ({ message, pieces: splitMessage(message.sent) }))
  const readable = opened.flatMap(({ message, pieces }) => (pieces ? [{ message, pieces }] : []))
  const items = readable.flatMap(({ message, pieces }) =>
    pieces.map((piece) => ({ message, piece, text: piece.text, quarantineOnFailure: true })),
  )
  const { outcomes } = await storeMessages(db, items, DATABASE_TIMEOUT_MS)
  const became = new Map(items.map(({ piece }, index) => [piece, outcomes[index] ?? 'failed']))
  const gone = readable.filter(({ message, pieces }) => isDurable(message, pieces, became))
  await removeItems(
    db,
    gone.map(({ message }) => message),
  )
  const pieces = gone.flatMap((each) => each.pieces)
  return {
    replayed: gone.length,
    events: pieces.filter((piece) => piece.isEvent && became.get(piece) === 'stored').length,
    still:
      waiting.length -
      gone.length +
      pieces.filter((piece) => became.get(piece) === 'quarantined').length,
  }
}

/** Whether all of a message is elsewhere now: a row that was set aside again may be the message itself. */
function isDurable(
  { request }: StoredItem,
  pieces: readonly Piece[],
  became: ReadonlyMap<Piece, Outcome>,
): boolean {
  return pieces.every((piece) => {
    const outcome = became.get(piece)
    if (outcome !== 'quarantined') return outcome === 'stored'
    return digest128(piece.text) !== request
  })
}
