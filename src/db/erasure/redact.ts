import { Buffer } from 'node:buffer'
import { findJsonError } from '../../event/json-error.ts'
import { sliceElements } from '../../event/slice-elements.ts'
import { subjectOf } from '../write/leave-out-erased.ts'
import { countMessage, type QuarantinedItem } from '../../event/message.ts'
import { repack, openMessage, type Rejected, type Row } from '../write/open-message.ts'
import { findSubjects, type DataSubject } from './subject.ts'
import { isInside } from './unreadable.ts'

/** Whether it is someone who is to be forgotten. */
type Matches = (person: DataSubject) => boolean

/**
 * What is left of something that was set aside without someone; null where nothing is. What holds
 * several events loses theirs and is the same otherwise, and where it cannot be read and speaks of
 * them, all of it goes.
 */
export function redact(
  kind: QuarantinedItem['kind'],
  sent: string,
  isMatch: Matches,
): string | null {
  if (kind === 'message') {
    const message = countMessage(sent) && openMessage(sent)
    if (message) {
      const row = (each: Row) => !isMatch(subjectOf(each))
      const rejected = ([, , , of, , text]: Rejected) => !speaksOfThem(of, String(text), isMatch)
      return repack(message, sent, { row, rejected }) ?? null
    }
    return speaksOfThem(kind, sent, isMatch) || isInside(sent, isMatch) ? null : sent
  }
  if (!speaksOfThem(kind, sent, isMatch)) return sent
  if ((kind !== 'body' && kind !== 'bodyBytes') || !canBeTakenApart(sent)) return null
  const left = sliceElements(sent).filter((each) => !speaksOfThem(kind, each, isMatch))
  return left.length > 0 ? `[${left.join(',')}]` : null
}

// Millions of elements would need more memory than there is.
const MAX_TAKEN_APART = 2_000_000 // characters

function canBeTakenApart(sent: string): boolean {
  return sent.length <= MAX_TAKEN_APART && sent.startsWith('[') && findJsonError(sent) === undefined
}

function speaksOfThem(kind: string, text: string, isMatch: Matches): boolean {
  const speaks = (each: string) => findSubjects(each, Infinity).some(isMatch)
  if (speaks(text)) return true
  // What is broken is elsewhere, as a rule: a name beside it can be read.
  const isBytes = kind === 'bytes' || kind === 'bodyBytes'
  return isBytes && speaks(Buffer.from(text, 'latin1').toString('utf8'))
}
