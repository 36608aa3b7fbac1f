import { cellOf, type RowColumn } from '../columns.ts'
import { SeenIdentifiers, type SeenIdentifier } from '../derived/seen-identifiers.ts'
import {
  findSuppressed,
  isSuppressing,
  type SuppressedSubject,
} from '../derived/suppressed-subject.ts'
import { keyText, type EventKey } from '../stored-event.ts'
import type { Row } from './open-message.ts'

/** The keys of rows, each once. */
export function listEventKeys(rows: readonly Row[]): EventKey[] {
  const keys = rows.map(([occurredAt, id]) => ({ occurredAt, id }))
  return [...new Map(keys.map((key) => [keyText(key), key])).values()]
}

/** The subjects of rows that report a hard bounce, a complaint or an unsubscription. */
export function listSuppressedSubjects(rows: readonly Row[]): SuppressedSubject[] {
  return rows.flatMap((row) => {
    const valueOf = (name: RowColumn) => cellOf(row, name)
    if (!isSuppressing(valueOf)) return []
    return [findSuppressed({ occurredAt: row[0], id: row[1] }, valueOf, valueOf('extra'))]
  })
}

/** The identifiers of contacts in rows. */
export function listSeenIdentifiers(rows: readonly Row[]): SeenIdentifier[] {
  const seen = new SeenIdentifiers()
  for (const row of rows) {
    const [occurredAt, id] = row
    const contactId = cellOf(row, 'contactId')
    if (contactId === undefined || contactId === null || typeof contactId === 'string') continue
    seen.add(contactId, { occurredAt, id }, (name) => cellOf(row, name), cellOf(row, 'extra'))
  }
  return seen.list
}
