import { Buffer } from 'node:buffer'
import {
  decodeDeferred,
  encodeDeferred,
  pickElements,
  type DeferredMessage,
} from '../../event/deferred.ts'
import { findJsonError } from '../../event/json-error.ts'
import { sliceElements } from '../../event/slice-elements.ts'
import { countMessage, type QuarantinedItem } from '../../event/message.ts'
import { openMessage, repack, type Rejected, type Row } from '../write/open-message.ts'
import { subjectOf } from '../write/redact-messages.ts'
import { findSubjects, type DataSubject } from './subject.ts'
import { isInside } from './unreadable.ts'

/** Whether a data subject is to be erased. */
type Matches = (subject: DataSubject) => boolean

/**
 * The rest of a quarantined item without a data subject; null if nothing is left. An item of several events loses those
 * of the subject and is otherwise unchanged; one that cannot be parsed and mentions the subject is removed as a whole.
 */
export function redact(
  kind: QuarantinedItem['kind'],
  sent: string,
  isMatch: Matches,
): string | null {
  if (kind === 'message') {
    const deferred = decodeDeferred(sent)
    if (deferred) return redactDeferred(deferred, sent, isMatch)
    const message = countMessage(sent) && openMessage(sent)
    if (message) {
      const row = (each: Row) => !isMatch(subjectOf(each))
      const rejected = ([, , , itsKind, , text]: Rejected) =>
        !mentions(itsKind, String(text), isMatch)
      return repack(message, sent, { row, rejected }) ?? null
    }
    return mentions(kind, sent, isMatch) || isInside(sent, isMatch) ? null : sent
  }
  if (!mentions(kind, sent, isMatch)) return sent
  if ((kind !== 'body' && kind !== 'bodyBytes') || !canSplit(sent)) return null
  const left = sliceElements(sent).filter((each) => !mentions(kind, each, isMatch))
  return left.length > 0 ? `[${left.join(',')}]` : null
}

/** A message whose elements still have to be checked; those of a subject change no ID of the others. */
function redactDeferred(
  { slice, envelope }: DeferredMessage,
  sent: string,
  isMatch: Matches,
): string | null {
  const all = sliceElements(slice.elements)
  const left = [...all.keys()].filter((index) => !mentions('element', all[index] ?? '', isMatch))
  if (left.length === all.length) return sent
  if (left.length === 0) return null
  return encodeDeferred(pickElements(slice, all, left), envelope)
}

// Millions of elements would not fit into memory.
const MAX_SPLIT = 2_000_000 // characters

function canSplit(sent: string): boolean {
  return sent.length <= MAX_SPLIT && sent.startsWith('[') && findJsonError(sent) === undefined
}

function mentions(kind: string, text: string, isMatch: Matches): boolean {
  const isMentioned = (each: string) => findSubjects(each, Infinity).some(isMatch)
  if (isMentioned(text)) return true
  // The broken bytes are usually elsewhere, so that identifiers can be read.
  const isBytes = kind === 'bytes' || kind === 'bodyBytes'
  return isBytes && isMentioned(Buffer.from(text, 'latin1').toString('utf8'))
}
