import { Buffer } from 'node:buffer'
import { findFault } from '../../activity/json-fault.ts'
import { sliceElements } from '../../activity/slice-elements.ts'
import { personOf } from '../forget.ts'
import { countMessage, type SetAside } from '../message.ts'
import { keepOf, openMessage, type Rejected, type Row } from '../open-message.ts'
import { findPersons, type Person } from '../person.ts'
import { isInside } from './unreadable.ts'

/** Whether it is someone who is to be forgotten. */
type IsTheirs = (person: Person) => boolean

/**
 * What is left of something that was set aside without someone; null where nothing is. What holds
 * several events loses theirs and is the same otherwise, and where it cannot be read and speaks of
 * them, all of it goes.
 */
export function leaveOut(kind: SetAside['kind'], sent: string, isTheirs: IsTheirs): string | null {
  if (kind === 'message') {
    const message = countMessage(sent) && openMessage(sent)
    if (message) {
      const row = (each: Row) => !isTheirs(personOf(each))
      const rejected = ([, , , of, , text]: Rejected) => !speaksOfThem(of, String(text), isTheirs)
      return keepOf(message, sent, { row, rejected }) ?? null
    }
    return speaksOfThem(kind, sent, isTheirs) || isInside(sent, isTheirs) ? null : sent
  }
  if (!speaksOfThem(kind, sent, isTheirs)) return sent
  if ((kind !== 'body' && kind !== 'bodyBytes') || !canBeTakenApart(sent)) return null
  const left = sliceElements(sent).filter((each) => !speaksOfThem(kind, each, isTheirs))
  return left.length > 0 ? `[${left.join(',')}]` : null
}

// Millions of elements would need more memory than there is.
const MAX_TAKEN_APART = 2_000_000 // characters

function canBeTakenApart(sent: string): boolean {
  return sent.length <= MAX_TAKEN_APART && sent.startsWith('[') && findFault(sent) === undefined
}

function speaksOfThem(kind: string, text: string, isTheirs: IsTheirs): boolean {
  const speaks = (each: string) => findPersons(each, Infinity).some(isTheirs)
  if (speaks(text)) return true
  // What is broken is elsewhere, as a rule: a name beside it can be read.
  const isBytes = kind === 'bytes' || kind === 'bodyBytes'
  return isBytes && speaks(Buffer.from(text, 'latin1').toString('utf8'))
}
