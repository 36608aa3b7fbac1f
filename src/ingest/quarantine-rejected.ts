import { digest128 } from '../event/identity.ts'
import type { QuarantinedItem } from '../event/message.ts'
import { decodeSource, type Elements, type Source } from './parse-elements.ts'

/** An invalid element of a body, or a body that cannot be read. */
export type Rejected = { index: number; reason: string }

// Each costs a row of the database and a line of the response. More are grouped by reason.
const MAX_SINGLE = 100
const MAX_REASONS = 100

// A piece is replayed in one go: some 800 events.
const MAX_PIECE_BYTES = 500_000

/** Elements that are quarantined together, and their reason. */
type Group = { indexes: number[]; reason: string }

/**
 * Invalid elements as quarantined items: each separately or, if there are many, one array for each reason.
 *
 * @param of the body that the elements are a part of: its `digest128`, and the index of the first of them
 */
export function quarantineElements(
  elements: Elements,
  rejected: readonly Rejected[],
  of?: { request: string; firstIndex: number; indexes?: readonly number[] | undefined },
): QuarantinedItem[] {
  if (rejected.length === 0) return []
  const {
    request,
    firstIndex,
    indexes: left,
  } = of ?? {
    request: digest128(elements.body),
    firstIndex: 0,
  }
  const groups: Group[] =
    rejected.length > MAX_SINGLE
      ? groupByReason(rejected).flatMap((group) => cutIfLong(group, elements))
      : rejected.map(({ index, reason }) => ({ indexes: [index], reason }))
  return groups.map(({ indexes, reason }) => {
    const [index = 0, ...others] = indexes
    const isOne = others.length === 0
    const source = isOne ? elements.sourceOf(index) : elements.arrayOf(indexes)
    return {
      kind: isOne ? (source.isBytes ? 'bytes' : 'element') : kindOfBody(source),
      request,
      elementIndex: firstIndex + (left?.[index] ?? index),
      reason: isOne ? reason : `${reason} (${indexes.length} elements)`,
      sent: source.text,
    }
  })
}

/** A body as one quarantined item. */
export function quarantineBody(body: Uint8Array, reason: string): QuarantinedItem {
  const source = decodeSource(body)
  // Its elements may be quarantined separately as well, under the digest of the body.
  const request = digest128(digest128(body))
  return { kind: kindOfBody(source), request, elementIndex: 0, reason, sent: source.text }
}

function kindOfBody({ isBytes }: Source): QuarantinedItem['kind'] {
  return isBytes ? 'bodyBytes' : 'body'
}

function groupByReason(rejected: readonly Rejected[]): Group[] {
  const groups = new Map<string, Group>()
  for (const { index, reason } of rejected) {
    const of = groups.has(reason) || groups.size < MAX_REASONS ? reason : 'other reasons'
    const group = groups.get(of)
    if (group) group.indexes.push(index)
    else groups.set(of, { indexes: [index], reason: of })
  }
  return [...groups.values()]
}

function cutIfLong(group: Group, elements: Elements): Group[] {
  const bytes = group.indexes.reduce((sum, index) => sum + elements.bytesOf(index).byteLength, 0)
  return bytes > MAX_PIECE_BYTES ? cut(group, elements) : [group]
}

/** Elements with the same text stay together: only their order distinguishes them, if they become events. */
function cut({ indexes, reason }: Group, elements: Elements): Group[] {
  const pieces: Group[] = []
  const known = new Map<string, Group>()
  let room = 0
  for (const index of indexes) {
    const text = digest128(elements.bytesOf(index))
    const same = known.get(text)
    if (same) {
      same.indexes.push(index)
      continue
    }
    const length = elements.bytesOf(index).byteLength + 1
    if (pieces.length === 0 || length > room) {
      pieces.push({ indexes: [], reason })
      room = MAX_PIECE_BYTES
    }
    const piece = pieces.at(-1)
    piece?.indexes.push(index)
    if (piece) known.set(text, piece)
    room -= length
  }
  return pieces
}
