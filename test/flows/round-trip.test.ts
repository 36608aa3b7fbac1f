import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PARAMETERS } from '../../src/event/parameters.ts'
import { faultyQueue } from '../faulty.ts'
import { postWith, read, type Taken } from '../receiver.ts'

// Directly to the database, with the same message as over the queue.
const direct = { ACTIVITY_QUEUE: faultyQueue(new Error('down')) }

/** A number as any serializer may write it. */
const literal = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.constantFrom(
    '-0',
    '1.0',
    '1E5',
    '1e-7',
    '0.10',
    '9223372036854775807',
    '-9223372036854775808',
  ),
)

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('\0', '\u2028', '\ufeff', '\ufffd', '"', '\\u0000', "'", 'null', '\u007f'),
)

/** JSON text of a value, built as text to include numbers of any length. */
const { json } = fc.letrec<{ json: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    literal,
    text.map((each) => JSON.stringify(each)),
    fc.constantFrom('true', 'false', 'null'),
  ),
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('json'), { maxLength: 3 }).map((items) => `[${items}]`),
    fc.array(fc.tuple(text, tie('json')), { maxLength: 3 }).map(toObject),
  ),
}))

/** JSON text of an object, each key once. */
function toObject(members: [string, string][]): string {
  const unique = new Map(members)
  return `{${[...unique].map(([key, value]) => `${JSON.stringify(key)}:${value}`)}}`
}

const names = fc.oneof(
  fc.constantFrom(...PARAMETERS.map(({ name }) => name as string)),
  fc.constantFrom('__proto__', 'constructor', 'id', 'extra', 'labels', 'toString', ''),
  text,
)

const element = fc.array(fc.tuple(names, json), { maxLength: 12 }).map((members) => {
  const required: [string, string][] = [
    ['activityStatus', '"READ"'],
    ['activityDateTime', '"2023-09-14T08:30:03"'],
  ]
  return toObject([...members.filter(([name]) => !name.startsWith('activity')), ...required])
})

/** An element as comparable text: keys sorted, nulls removed, every number as its literal. */
function canonical(members: unknown): string {
  const entries = Object.entries(members as object).filter(([, value]) => value !== null)
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

// Supported by V8, but not in TypeScript's types yet.
declare global {
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown
  }
}

const exact = (source: string): unknown =>
  JSON.parse(source, (_key, value, context) =>
    typeof value === 'number' ? JSON.rawJSON(context.source ?? '') : value,
  )

it('can rebuild every accepted element from its row, to the digit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(element, { minLength: 1, maxLength: 20 }), async (elements) => {
      await env.DB.prepare('DELETE FROM activity').run()
      const response = await postWith(direct, `[${elements.join(',')}]`)
      expect(response.status).toBe(200)
      const { accepted, quarantined } = await response.json<Taken>()
      expect(accepted + quarantined.length).toBe(elements.length)
      const sent = elements.filter((_, index) => !quarantined.some((each) => each.index === index))
      const body = exact(await (await read('/activity?limit=500')).text())
      const { activity } = body as { activity: Record<string, unknown>[] }
      const rebuilt = activity.map(
        ({ id, occurredAt, receivedAt, origin, labels, extra, ...known }) =>
          canonical(
            Object.fromEntries([...Object.entries(known), ...Object.entries(extra as object)]),
          ),
      )
      expect(rebuilt.sort()).toEqual(sent.map((source) => canonical(exact(source))).sort())
    }),
    { numRuns: 300 },
  )
})

it('stores identical elements as often as a body has them', async () => {
  const source = '{"activityStatus":"READ","activityDateTime":"2023-09-14T08:30:03","n":1.0}'
  await postWith(direct, `[${source},${source}]`)
  await postWith(direct, `[${source},${source}]`)
  const { activity } = await (await read('/activity')).json<{ activity: unknown[] }>()
  expect(activity).toHaveLength(2)
})
