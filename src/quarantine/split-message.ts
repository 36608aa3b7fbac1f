import { Buffer } from 'node:buffer'
import * as z from 'zod'
import { findJsonError } from '../event/json-error.ts'
import { Scanner } from '../event/json-text.ts'
import { sliceElements } from '../event/slice-elements.ts'
import { countMessage, packMessages, type Envelope } from '../event/message.ts'

/** A message of one row. */
export type Piece = {
  text: string
  /** Whether the row is an event; otherwise it is a quarantined item. */
  isEvent: boolean
}

const envelopeSchema = z.object({
  receivedAt: z.int().nonnegative(),
  origin: z.custom<Envelope['origin']>((value) => typeof value === 'string'),
  labels: z.string().nullable(),
})

/**
 * Splits a message of the queue into messages of one row each, without parsing the rows, so that they keep every digit.
 * A message of one row stays unchanged.
 *
 * @returns undefined if this version cannot read it, or its counts are wrong
 */
export function splitMessage(text: string): Piece[] | undefined {
  const counts = countMessage(text)
  const members = counts && sliceMembers(text)
  const envelope = members && readEnvelope(members)
  if (!envelope) return undefined
  const [rows, quarantined] = ['rows', 'quarantine'].map((name) => {
    const list = members.get(name) ?? '[]'
    return list.startsWith('[') ? sliceElements(list) : []
  })
  if (rows?.length !== counts.accepted || quarantined?.length !== counts.rejected) return undefined
  return [
    ...rows.flatMap((row) => wrap(packMessages(envelope, [row], []), true)),
    ...quarantined.flatMap((row) => wrap(packMessages(envelope, [], [row]), false)),
  ]
}

function wrap(texts: readonly string[], isEvent: boolean): Piece[] {
  return texts.map((text) => ({ text, isEvent }))
}

function readEnvelope(members: ReadonlyMap<string, string>): Envelope | undefined {
  const fields = ['receivedAt', 'origin', 'labels'].map((name) => `"${name}":${members.get(name)}`)
  if (fields.some((field) => field.endsWith(':undefined'))) return undefined
  return envelopeSchema.safeParse(JSON.parse(`{${fields.join()}}`)).data
}

/** The members of a JSON object as in its text; undefined if it is not JSON. */
function sliceMembers(text: string): Map<string, string> | undefined {
  if (!text.startsWith('{')) return undefined
  if (findJsonError(text)) return undefined
  const bytes = Buffer.from(text)
  const scanner = new Scanner(bytes)
  scanner.position = 1
  const members = new Map<string, string>()
  const next = () => {
    scanner.skipSpace()
    const start = scanner.position
    scanner.skipValue()
    return bytes.toString('utf8', start, scanner.position)
  }
  for (scanner.skipSpace(); scanner.next !== '}'; scanner.skipSpace()) {
    if (scanner.next === ',') scanner.position++
    const name = next()
    scanner.skipSpace()
    scanner.position++ // the colon
    members.set(String(JSON.parse(name)), next())
  }
  return members
}
