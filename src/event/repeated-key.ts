// JSON.parse keeps the last value of a repeated key, and drops the others silently.

import { isExactNumber } from './exact-number.ts'

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]

/** How many values there are in a value, itself included: fewer than in its text if a key was repeated. */
export function countValues(value: unknown): number {
  let count = 0
  const pending = [value]
  for (let next = pending.pop(); pending.length > 0 || next !== undefined; next = pending.pop()) {
    count++
    if (typeof next !== 'object' || next === null || isExactNumber(next)) continue
    for (const member of Object.values(next)) {
      if (typeof member === 'object' && member !== null) pending.push(member)
      else count++
    }
  }
  return count
}

/** A member that `JSON.parse` drops, as its key is repeated with another value. */
export type Dropped = {
  /** The parameter of the event that it is, or is inside. */
  name: string
  isInside: boolean
  /** JSON text of an object with only this member. */
  json: string
}

/** An object that is being read: its members so far, the last key, and where its value begins. */
type Open = { members: Map<string, string>; key?: string; start: number }

/**
 * The members of an event that `JSON.parse` drops. The same value again, in the same spelling, is not one.
 *
 * @param text valid JSON; names are found only in an object
 */
export function* listDropped(text: string): Generator<Dropped> {
  const open: (Open | undefined)[] = [] // undefined for an array
  let key = ''
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const last = open.at(-1)
    if (code === QUOTE) {
      const start = index
      index = findEnd(text, index)
      key = text.slice(start, index + 1)
    } else if (code === OPEN_OBJECT) open.push({ members: new Map(), start: 0 })
    else if (code === OPEN_ARRAY) open.push(undefined)
    else if (code === COLON && last) {
      last.key = readKey(key)
      last.start = index + 1
    } else if (last && (code === COMMA || code === CLOSE_OBJECT)) {
      const json = closeMember(last, text, index)
      if (json) yield { name: open[0]?.key ?? '', isInside: open.length > 1, json }
    }
    if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) open.pop()
  }
}

/** The quote that ends a string. */
function findEnd(text: string, start: number): number {
  let end = start + 1
  while (text.charCodeAt(end) !== QUOTE) end += text.charCodeAt(end) === BACKSLASH ? 2 : 1
  return end
}

function readKey(literal: string): string {
  return literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1)
}

/** Records a member that ends here. @returns the one that it replaces, if that has another value */
function closeMember({ members, key, start }: Open, text: string, end: number): string | undefined {
  if (key === undefined) return undefined // an empty object
  const value = text.slice(start, end).trim()
  const before = members.get(key)
  members.set(key, value)
  return before === undefined || before === value ? undefined : `{${JSON.stringify(key)}:${before}}`
}
