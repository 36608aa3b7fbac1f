import { buildEvent } from '../event.ts'
import { countMessage, type Envelope } from '../../src/event/message.ts'
import { joinBody, makeTraffic } from '../../src/simulator/traffic.ts'
import { Elements } from '../../src/ingest/parse-elements.ts'
import { prepare } from '../../src/ingest/to-messages.ts'

export const ENVELOPE: Envelope = {
  receivedAt: 1_764_000_000_000,
  origin: 'webhook',
  labels: JSON.stringify({ 'X-Shop': '],"elements":[{}]}\n"Київ"' }),
}
export const ZONE = 'Europe/Kyiv'

/** What a body becomes: rows as JSON text, and the request, index and reason of each quarantined item. */
export type Content = { rows: string[]; quarantined: string[] }

/** The content of messages, in one order, each row once. */
export function contentOf(messages: readonly string[]): Content {
  const rows = new Set<string>()
  const quarantined = new Map<string, string>()
  for (const text of messages) {
    if (!countMessage(text)) throw new Error(`not a checked message: ${text.slice(0, 60)}`)
    const message = JSON.parse(text) as Record<string, unknown[][]> & Envelope
    const { receivedAt, origin, labels } = message
    const envelope = [receivedAt, origin, labels]
    for (const row of message['rows'] ?? []) rows.add(JSON.stringify([...envelope, row]))
    for (const [request, index, part, kind, reason, sent] of message['quarantine'] ?? []) {
      const key = JSON.stringify([request, index, part])
      quarantined.set(key, JSON.stringify([...envelope, request, index, part, kind, reason, sent]))
    }
  }
  return { rows: [...rows].sort(), quarantined: [...quarantined.values()].sort() }
}

/** What the edge makes of a body if it checks all of it at once. */
export function checkWhole(body: Uint8Array): Content & { received: number; accepted: number } {
  const { messages, received, accepted } = prepare(new Elements(body), ENVELOPE, ZONE)
  return { ...contentOf(messages), received, accepted }
}

const text = (source: string) => new Uint8Array(Buffer.from(source))
const latin1 = (source: string) => new Uint8Array(Buffer.from(source, 'latin1'))
function list<T>(count: number, build: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => build(index))
}
const json = (value: unknown) => JSON.stringify(value)

/** An event as JSON text, with members added as they are. */
const withMembers = (members: string, changes: Record<string, unknown> = {}) =>
  json(buildEvent(changes)).replace(/\}$/, `,${members}}`)

const CLICK = {
  activityStatus: 'CLICKED',
  iid: 'one',
  clickEventLink: 'https://example.com/?a={"b":1},{"c":2}',
}

/** Texts that look like the end of an element. */
const TRAPS = [
  '},{',
  '"},{"',
  '\\"},{\\"',
  '}]',
  '}],"elements":[{',
  '\\\\"',
  '\\u007d,\\u007b',
  ']',
]

const events = (count: number) => list(count, (index) => buildEvent({ contactId: index }))
const spread = (elements: string[]) => text(`[${elements}]`)

/** Bodies that are arrays of objects, and can be cut into slices. */
export const SLICEABLE: Record<string, () => Uint8Array> = {
  'plain events': () => text(json(events(700))),
  'pretty-printed events': () => text(JSON.stringify(events(500), null, 4)),
  'blanks around everything': () =>
    text(` \r\n[\t${events(300).map(json).join(' \n,\t ')}\n ]\n\n `),
  'one event': () => text(json(events(1))),
  'two events': () => text(json(events(2))),
  'arrays of objects inside': () =>
    spread(list(300, (n) => withMembers(`"list":[{"a":${n}},{"b":[{"c":1},{"d":2}]},{}]`))),
  'texts with the end of an element': () =>
    spread(
      list(400, (n) =>
        withMembers(`"note":${json(TRAPS[n % TRAPS.length])},${json(TRAPS[n % 3])}:{}`),
      ),
    ),
  'Cyrillic, and four-byte characters': () =>
    text(json(list(400, (n) => buildEvent({ messageName: `Акція «${n}» 😀`.repeat(9) })))),
  'big numbers': () =>
    spread(
      list(300, (n) =>
        withMembers(`"imId":9007199254740993,"n":1.00,"m":${'9'.repeat(30)},"e":1e400`, {
          contactId: n,
        }),
      ),
    ),
  'keys given twice': () =>
    spread(list(300, (n) => withMembers(n % 5 === 0 ? '"\\u0069id":"x"' : '"n":1'))),
  'equal events side by side': () =>
    text(json(list(300, (n) => ({ ...buildEvent(), ...CLICK, n: n >> 1 })))),
  'equal events far from each other': () =>
    text(json(list(600, (n) => (n % 150 === 7 ? buildEvent(CLICK) : buildEvent())))),
  'equal events in other spellings': () => {
    const click = { ...buildEvent(), ...CLICK }
    const spellings = [
      json({ ...click, activityStatus: ' clicked ', contactId: '889891911' }),
      json({ ...click, iid: ['one'], osName: null }),
      json(click).replace('889891911', '889891911.0'),
      json({ ...click, activityDateTime: '2023-09-14 08:30:03' }),
      json({ ...click, iid: ' one ', mediaType: 'EMAIL' }),
    ]
    return spread(
      list(400, (n) => (n % 9 === 0 ? (spellings[(n / 9) % 5] ?? '') : json(buildEvent()))),
    )
  },
  'equal events between others with blanks and with traps': () => {
    const others = [
      (n: number) => json(buildEvent({ contactId: n })),
      (n: number) => withMembers(`"note":${json('x},{y')}`, { contactId: n }),
      () => json(buildEvent(CLICK)),
      () => json(buildEvent({ ...CLICK, osName: 'other' })),
    ]
    const elements = list(400, (n) => others[n % 4]?.(n) ?? '')
    // As many separators are spaced as texts have the characters of one that is not.
    return text(
      `[${elements.map((each, n) => (n % 4 === 2 && n > 2 ? ` , ${each}` : n > 0 ? `,${each}` : each)).join('')}]`,
    )
  },
  'equal events whose numbers JavaScript cannot hold': () => {
    const big = '9007199254740993'
    const as = (contactId: string) => json(buildEvent({ ...CLICK })).replace('889891911', contactId)
    const spellings = [big, `"${big}"`, `${big}.0`, '9007199254740992', `"${big}"`]
    return spread(
      list(400, (n) =>
        n % 20 === 3 ? as(spellings[((n - 3) / 20) % 5] ?? '') : json(buildEvent()),
      ),
    )
  },
  'invalid elements beside events': () =>
    text(
      json(
        list(600, (n) => {
          if (n % 13 === 5) return [5, null, 'text', [{}], true, { activityStatus: '' }][n % 6]
          return buildEvent()
        }),
      ),
    ),
  'an invalid element equal to valid ones': () =>
    spread(
      list(300, (n) => {
        return n % 3 === 0 ? withMembers('"iid":"one"', CLICK) : json(buildEvent(CLICK))
      }),
    ),
  'scalars between two objects': () => text(`[{}${',1'.repeat(1_000)}${',{}'.repeat(50)}]`),
  'strings after an event': () => text(`[${json(buildEvent())}${',"},{"'.repeat(90)}]`),
  'events that differ in length': () =>
    text(json(list(400, (n) => buildEvent({ note: 'x'.repeat((n * 97) % 9_000) })))),
  'a name that is special in JavaScript': () =>
    spread(list(150, () => withMembers('"__proto__":{"iid":"1"},"constructor":5,"":0'))),
  'simulated traffic': () => {
    for (const elements of makeTraffic({ seed: 7, events: 4_000, poison: 0.02 })) {
      if (elements.length > 300)
        return joinBody(elements.filter(({ bytes, isPoison }) => !isPoison || bytes[0] === 0x7b))
    }
    throw new Error('no large body')
  },
}

/** Bodies that cannot be cut into slices, or need not be. */
export const OTHERS: Record<string, () => Uint8Array> = {
  'an empty array': () => text(' [ ] '),
  'a byte order mark': () => text(`\ufeff${json(events(300))}`),
  'bytes that are not UTF-8': () =>
    latin1(`[${list(300, (n) => withMembers(n % 50 === 3 ? '"note":"\xd0\xff\0"' : '"n":1'))}]`),
  'a character cut off at the end of each text': () =>
    latin1(`[${list(200, () => withMembers('"note":"\xd0"'))}]`),
  'control characters': () =>
    text(`[${list(300, (n) => withMembers(`"note":"a\n\0b\u0001${n}"`))}]`),
  'objects in a row': () => text(events(300).map(json).join('\n')),
  'objects in a row, with nothing between': () =>
    text(`\ufeff${events(300).map(json).join('')} \n`),
  'a single object': () => text(json(buildEvent())),
  'an object that holds the events': () => text(json({ total: 2, data: { events: events(300) } })),
  'an array that holds the events': () => text(json([events(300)])),
  'arrays and scalars first': () => text(json([5, [{}], ...events(300), [[5]], 'x', [{}]])),
  'numbers and words': () => text(`[${'1,true,null,-0.5e3,"x" ,'.repeat(200)}12]`),
  'a large element': () =>
    text(json([buildEvent({ note: '},{ї'.repeat(12_000) }), ...events(200), 'ї'.repeat(50_000)])),
  'an element no row can hold': () =>
    text(json([...events(100), buildEvent({ note: 'x'.repeat(2_000_000) }), ...events(100)])),
  'a value nested deep': () =>
    text(`[{"a":${'['.repeat(3_000)}${']'.repeat(3_000)}},${events(150).map(json)}]`),
}

/** Bodies that break off, or go on after their end. */
export const BROKEN: Record<string, () => Uint8Array> = {
  'a trailing comma': () => text(`[${events(300).map(json)},]`),
  'two commas': () => text(`[${events(150).map(json)},,${events(150).map(json)}]`),
  'garbage at the end': () => text(`${json(events(300))} x`),
  'another array at the end': () => text(`${json(events(300))}[]`),
  'no end': () => text(json(events(300)).slice(0, -1)),
  'an end within an element': () => text(json(events(300)).slice(0, -40)),
  'no comma between two events': () => text(`[${events(200).map(json)} ${events(100).map(json)}]`),
  'an invalid word': () => text(`[${events(200).map(json)},READ,${events(100).map(json)}]`),
  'a colon': () => text(`[${events(200).map(json)}:${events(100).map(json)}]`),
  'objects in a row that break off': () => text(`${events(200).map(json).join('\n')}{"a":`),
  'objects in a row with a comma': () => text(events(200).map(json).join(',')),
  'another kind of bracket': () => text(`[${events(200).map(json)}}`),
}
