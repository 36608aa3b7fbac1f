// JSON.parse keeps the last value of a key that an object has twice, and says nothing of the others.

import { isExactNumber } from './exact-number.ts'

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]

/** A parameter that has two values, itself or in an object inside of it. */
export type RepeatedKey = { name: string; isInside: boolean }

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

/** An object that is being read: its members so far, and the last key with where its value begins. */
type Open = { members: Map<string, string>; key?: string; start: number }

/**
 * The parameter of an event that has two values; undefined if none has. The same value twice, in the same
 * spelling, is one.
 *
 * @param json valid JSON text (as UTF-8)
 */
export function findRepeatedKey(json: Uint8Array): RepeatedKey | undefined {
  const text = new TextDecoder().decode(json)
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
    } else if (last && (code === COMMA || code === CLOSE_OBJECT) && isRepeated(last, text, place)) {
      return { name: open[0]?.key ?? '', isInside: open.length > 1 }
    }
    if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) open.pop()
  }
  return undefined
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

/** Takes note of a member that ends here, and tells whether it came before with another value. */
function isRepeated({ members, key, start }: Open, text: string, end: number): boolean {
  if (key === undefined) return false // an empty object
  const value = text.slice(start, end).trim()
  const before = members.get(key)
  members.set(key, value)
  return before !== undefined && before !== value
}
