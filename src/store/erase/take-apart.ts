import { parseExactly } from '../../activity/exact-number.ts'
import type { Cell } from '../columns.ts'
import { personOf } from '../forget.ts'
import { countMessage, packMessages, type Arrival, type SetAside } from '../message.ts'
import { findPersons, type Person } from '../person.ts'

/** Whether it is someone who is to be forgotten. */
type IsTheirs = (person: Person) => boolean

type Message = Arrival & { rows: Cell[][]; quarantine: Cell[][] }

/**
 * What is left of something that was set aside without someone; null where nothing is. What holds
 * several events loses theirs, and where it cannot be read and speaks of them, all of it goes.
 */
export function leaveOut(kind: SetAside['kind'], sent: string, isTheirs: IsTheirs): string | null {
  const speaksOfThem = (text: string) => findPersons(text).some(isTheirs)
  const message = kind === 'message' && countMessage(sent) ? read(sent) : undefined
  if (isMessage(message)) return leaveOutOfMessage(message, sent, isTheirs, speaksOfThem)
  if (!speaksOfThem(sent)) return sent
  const elements = kind === 'rest' ? read(`[${sent}]`) : undefined
  if (!Array.isArray(elements)) return null
  const left = elements
    .map((element) => JSON.stringify(element))
    .filter((each) => !speaksOfThem(each))
  return left.length > 0 ? left.join(',') : null
}

function leaveOutOfMessage(
  { rows, quarantine, receivedAt, origin, labels }: Message,
  sent: string,
  isTheirs: IsTheirs,
  speaksOfThem: (text: string) => boolean,
): string | null {
  const left = rows.filter((row) => !isTheirs(personOf(row)))
  const leftAside = quarantine.filter((row) => !speaksOfThem(String(row.at(-1))))
  if (left.length === rows.length && leftAside.length === quarantine.length) return sent
  const write = (row: unknown) => JSON.stringify(row)
  const arrival = { receivedAt, origin, labels }
  const everything = Number.MAX_SAFE_INTEGER
  return packMessages(arrival, left.map(write), leftAside.map(write), everything)[0] ?? null
}

function isMessage(value: unknown): value is Message {
  const { rows, quarantine } = (value ?? {}) as Partial<Message>
  return [rows, quarantine].every((list) => Array.isArray(list) && list.every(Array.isArray))
}

/** Undefined where it is no JSON. */
function read(text: string): unknown {
  try {
    return parseExactly(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
