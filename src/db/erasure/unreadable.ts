import { readText } from '../../event/certain.ts'
import { IDENTIFIERS } from '../../event/identifier.ts'
import { listObjects, literalAt, parseAny, readLiteral } from './subject-members.ts'
import { findSubjects, type Identifier, type DataSubject } from './subject.ts'

/** Shorter texts match too much that is about others. */
const MIN_LENGTH = 5

const PHONE = /^[\d\s()+./-]+$/

type Value = { text: string; isNumber: boolean }

/**
 * Whether a message of the queue that this version cannot read is about a data subject: since the meaning of its values
 * is unknown, any text or number that matches an identifier or a contact counts.
 */
export function isInside(message: string, isMatch: (subject: DataSubject) => boolean): boolean {
  const whole = parseAny(message)
  const values = whole === undefined ? scanValues(message) : listValues(whole)
  return values.some(
    ({ text, isNumber }) =>
      (isNumber && isMatch({ contactId: text, identifiers: [] })) ||
      (text.length >= MIN_LENGTH && isMatch({ contactId: null, identifiers: readAs(text) })) ||
      // A text may itself be JSON, as `extra` and quarantined elements are.
      findSubjects(text, Infinity).some(isMatch),
  )
}

function readAs(value: string): Identifier[] {
  const names = IDENTIFIERS.filter((name) => name !== 'sms' || PHONE.test(value))
  return names.map((name) => ({ name, value }))
}

function* listValues(whole: unknown): Generator<Value> {
  for (const object of listObjects(whole)) {
    for (const each of Object.values(object)) {
      const text = readText(each)
      const isNumber = typeof each !== 'string'
      // The first numbers of a message are its version and its counts.
      if (text !== undefined && !(isNumber && object === whole)) yield { text, isNumber }
    }
  }
}

/** The values of a text that is not JSON. */
function* scanValues(text: string): Generator<Value> {
  const head = /"|-?\d/g
  for (let found = head.exec(text); found; found = head.exec(text)) {
    const literal = literalAt(text, found.index)
    head.lastIndex = found.index + Math.max(literal.length, 1)
    yield { text: readLiteral(literal), isNumber: !literal.startsWith('"') }
  }
}
