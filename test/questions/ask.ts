import { isDeepStrictEqual, inspect } from 'node:util'
import { TOKEN } from '../bench/server.ts'
import type { Filled } from './receiver.ts'

const HEADERS = { authorization: `Bearer ${TOKEN}` }

/** One call of the API. */
export type Call = { path: string; ms: number; rowsRead: number }

/** Asks the API, and records what each call took. */
export class Asker {
  readonly calls: Call[] = []
  readonly #filled: Filled

  constructor(filled: Filled) {
    this.#filled = filled
  }

  /** @returns the text of a response @throws unless its status is 200 */
  async text(path: string): Promise<string> {
    return new TextDecoder().decode(await this.bytes(path))
  }

  /** @throws unless the status of the response is 200 */
  async bytes(path: string): Promise<ArrayBuffer> {
    const { server } = this.#filled
    const before = await server.readUsed()
    const begun = performance.now()
    const response = await fetch(`${server.origin}${path}`, { headers: HEADERS })
    const bytes = await response.arrayBuffer()
    const ms = performance.now() - begun
    if (response.status !== 200) {
      throw new Error(`${path} returned ${response.status} ${new TextDecoder().decode(bytes)}`)
    }
    const after = await server.readUsed()
    this.calls.push({ path, ms, rowsRead: after.rowsRead - before.rowsRead })
    return bytes
  }

  async get<Response>(path: string): Promise<Response> {
    return JSON.parse(await this.text(path)) as Response
  }

  /** All lines of a response with pages. @param path with a query */
  async list<Line>(path: string, field: string): Promise<Line[]> {
    const lines: Line[] = []
    let next: string | null = null
    do {
      const cursor: string = next === null ? '' : `&cursor=${encodeURIComponent(next)}`
      const page = await this.get<Record<string, unknown>>(`${path}${cursor}`)
      lines.push(...(page[field] as Line[]))
      next = page['next'] as string | null
    } while (next !== null)
    return lines
  }
}

/** The path of a request, with its query; what is undefined is left out. */
export function pathOf(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return `${path}?${pairs.join('&')}`
}

const SHOWN = { depth: 6, maxArrayLength: 12, breakLength: 140 }

/** @throws Error that shows both unless they are equal */
export function same(found: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(found, expected)) return
  throw new Error(`${what}: got ${inspect(found, SHOWN)} instead of ${inspect(expected, SHOWN)}`)
}

/** The same for objects of which only some fields are expected, at any depth. */
export function alike(found: unknown, expected: unknown, what: string): void {
  same(narrow(found, expected), expected, what)
}

/** The fields of a value that the other one has. */
function narrow(value: unknown, like: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (typeof like !== 'object' || like === null) return value
  if (Array.isArray(value) && Array.isArray(like)) {
    return value.map((each, index) => narrow(each, like[index]))
  }
  const fields = value as Record<string, unknown>
  const names = Object.entries(like).filter(([name]) => name in fields)
  return Object.fromEntries(names.map(([name, other]) => [name, narrow(fields[name], other)]))
}
