import type { EventKey } from './stored-event.ts'

/**
 * All rows of a statement, page by page in the order of their keys.
 *
 * @param since the time to begin at: UTC milliseconds
 * @param size the rows of a page: a shorter page is the last
 * @param readAfter reads the next rows after a key
 */
export async function* readPages<Row extends EventKey>(
  since: number,
  size: number,
  readAfter: (key: EventKey) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let after: EventKey | undefined = { occurredAt: since, id: '' }
  while (after) {
    const rows: readonly Row[] = await readAfter(after)
    yield rows
    after = rows.length === size ? rows.at(-1) : undefined
  }
}
