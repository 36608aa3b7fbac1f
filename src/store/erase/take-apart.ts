import { Buffer } from 'node:buffer'
import { findFault } from '../../activity/json-text.ts'
import { sliceElements } from '../../activity/slice-elements.ts'
import type { Cell } from '../columns.ts'
import { personOf } from '../forget.ts'
import { countMessage, packMessages, type Arrival, type SetAside } from '../message.ts'
import { parseAny } from '../person-members.ts'
import { findPersons, type Person } from '../person.ts'
import { isInside } from './unreadable.ts'

/** Whether it is someone who is to be forgotten. */
type IsTheirs = (person: Person) => boolean

type Message = Arrival & { rows: Cell[][]; quarantine: Cell[][] }

/**
 * What is left of something that was set aside without someone; null where nothing is. What holds
 * several events loses theirs and is the same otherwise, and where it cannot be read and speaks of
 * them, all of it goes.
 */
export function leaveOut(kind: SetAside['kind'], sent: string, isTheirs: IsTheirs): string | null {
  if (kind === 'message') {
    const message = countMessage(sent) && parseAny(sent)
    if (isMessage(message)) return leaveOutOfMessage(message, sent, isTheirs)
    return speaksOfThem(kind, sent, isTheirs) || isInside(sent, isTheirs) ? null : sent
  }
  if (!speaksOfThem(kind, sent, isTheirs)) return sent
  const text = `[${sent}]`
  if ((kind !== 'rest' && kind !== 'restBytes') || findFault(text)) return null
  const left = sliceElements(text).elements.filter((each) => !speaksOfThem(kind, each, isTheirs))
  return left.length > 0 ? left.join(',') : null
}

function speaksOfThem(kind: Cell | undefined, text: string, isTheirs: IsTheirs): boolean {
  const speaks = (each: string) => findPersons(each, Infinity).some(isTheirs)
  if (speaks(text)) return true
  // What is broken is elsewhere, as a rule: a name beside it can be read.
  const isBytes = kind === 'bytes' || kind === 'restBytes'
  return isBytes && speaks(Buffer.from(text, 'latin1').toString('utf8'))
}

function leaveOutOfMessage(
  { rows, quarantine, receivedAt, origin, labels }: Message,
  sent: string,
  isTheirs: IsTheirs,
): string | null {
  const left = rows.filter((row) => !isTheirs(personOf(row)))
  const leftAside = quarantine.filter(
    ([, , , kind, , text]) => !speaksOfThem(kind, String(text), isTheirs),
  )
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
