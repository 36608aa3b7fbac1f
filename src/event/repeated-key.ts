// JSON.parse keeps the last value of a key that an object has twice, and says nothing of the others.

import { isExactNumber } from './exact-number.ts'

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]

/** How many values there are in a value, itself included: fewer than were written if a key came twice. */
export function countValues(value: unknown): number {
  let count = 0
  const waiting = [value]
  for (let next = waiting.pop(); waiting.length > 0 || next !== undefined; next = waiting.pop()) {
    count++
    if (typeof next !== 'object' || next === null || isExactNumber(next)) continue
    for (const member of Object.values(next)) {
      if (typeof member === 'object' && member !== null) waiting.push(member)
      else count++
    }
  }
  return count
}

/** A member that `JSON.parse` drops, as its key comes again with another value. */
export type Dropped = {
  /** The parameter of the event that it is, or is inside of. */
  name: string
  isInside: boolean
  /** JSON text of an object with nothing else. */
  json: string
}

/** An object that is being read: its members so far, and the last key with where its value begins. */
type Open = { members: Map<string, string>; key?: string; start: number }

/**
 * The members of an event that `JSON.parse` drops. The same value twice, in the same spelling, is one.
 *
 * @param text which has to be valid JSON; only of an object the names are told
 */
export function* listDropped(text: string): Generator<Dropped> {
  const open: (Open | undefined)[] = [] // undefined stands for an array
  let key = ''
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place)
    const last = open.at(-1)
    if (code === QUOTE) {
      const start = place
      place = findEnd(text, place)
      key = text.slice(start, place + 1)
    } else if (code === OPEN_OBJECT) open.push({ members: new Map(), start: 0 })
    else if (code === OPEN_ARRAY) open.push(undefined)
    else if (code === COLON && last) {
      last.key = readKey(key)
      last.start = place + 1
    } else if (last && (code === COMMA || code === CLOSE_OBJECT)) {
      const json = closeMember(last, text, place)
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

/** Takes note of a member that ends here. @returns the one that it takes the place of, if that has another value */
function closeMember({ members, key, start }: Open, text: string, end: number): string | undefined {
  if (key === undefined) return undefined // an empty object
  const value = text.slice(start, end).trim()
  const before = members.get(key)
  members.set(key, value)
  return before === undefined || before === value ? undefined : `{${JSON.stringify(key)}:${before}}`
}
