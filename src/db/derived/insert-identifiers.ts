import { bindGroups } from '../chunk-by-size.ts'
import type { SeenIdentifier } from './seen-identifiers.ts'

const INSERT = insert('true')
// Of events that were read before: what was taken out since is left out.
const INSERT_OF_STORED = insert(`EXISTS (
  SELECT 1 FROM activity WHERE occurredAt = seen.value ->> 4 AND id = unhex(seen.value ->> 5)
)`)

function insert(condition: string): string {
  const columns = [0, 1, 2, 3].map((place) => `seen.value ->> ${place}`)
  return `
    INSERT INTO contact_identifiers (contactId, name, key, spelling)
    SELECT ${columns.join(', ')} FROM jsonb_each(?1) AS seen WHERE ${condition}
    ON CONFLICT (contactId, name, key, spelling) DO NOTHING`
}

/** Takes note of the identifiers that contacts are seen under, in the transaction that stores the events. */
export function insertIdentifiers(
  db: D1Database,
  seen: readonly SeenIdentifier[],
): D1PreparedStatement[] {
  const texts = seen.map(([contactId, name, key, spelling]) =>
    JSON.stringify([contactId, name, key, spelling]),
  )
  return bindGroups(db, INSERT, texts)
}

/** The same for events that were read before. */
export function insertIdentifiersOfStored(
  db: D1Database,
  seen: readonly SeenIdentifier[],
): D1PreparedStatement[] {
  return bindGroups(
    db,
    INSERT_OF_STORED,
    seen.map((each) => JSON.stringify(each)),
  )
}
