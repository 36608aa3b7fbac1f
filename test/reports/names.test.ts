import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { rebuild } from '../../src/db/derived/rebuild.ts'
import { buildEvent } from '../event.ts'
import { read } from '../receiver.ts'
import { store } from '../store-events.ts'

type Line = { messageName: string | null; messageTag: string | null; delivered: { events: number } }

async function readNames(path = 'messages?'): Promise<(string | null)[]> {
  const response = await read(`/reports/${path}`)
  const { report } = await response.json<{ report: Line[] }>()
  return report.map(({ messageName }) => messageName)
}

/** The names of a message, in order of arrival, and the minutes of their events. */
type Named = [name: string | null | undefined, minute: number][]

const toEvent = ([messageName, minute]: Named[number]) =>
  buildEvent({
    messageName,
    activityDateTime: new Date(Date.UTC(2024, 0, 1, 12, minute)).toISOString().slice(0, 19),
  })

const CASES: [what: string, named: Named, name: string | null][] = [
  ['one name', [['Spring', 0]], 'Spring'],
  [
    'a test after the name',
    [
      ['Spring', 0],
      ['', 20],
    ],
    'Spring',
  ],
  [
    'a test before the name',
    [
      ['', 0],
      ['Spring', 20],
    ],
    'Spring',
  ],
  [
    'a test that arrives first and happened later',
    [
      ['', 40],
      ['Spring', 20],
    ],
    'Spring',
  ],
  [
    'many tests',
    [
      ['', 0],
      ['Spring', 20],
      ['', 40],
      [' ', 60],
      [null, 80],
    ],
    'Spring',
  ],
  [
    'spaces',
    [
      ['Spring', 0],
      ['   ', 20],
    ],
    'Spring',
  ],
  [
    'a no-break space',
    [
      ['Spring', 0],
      ['\u00a0', 20],
    ],
    'Spring',
  ],
  [
    'a zero-width space',
    [
      ['Spring', 0],
      ['\u200b\u2060', 20],
    ],
    'Spring',
  ],
  [
    'a line break',
    [
      ['Spring', 0],
      ['\r\n\t', 20],
    ],
    'Spring',
  ],
  [
    'no name at all',
    [
      ['Spring', 0],
      [undefined, 20],
    ],
    'Spring',
  ],
  [
    'a rename',
    [
      ['Draft', 0],
      ['Spring', 20],
    ],
    'Spring',
  ],
  [
    'a rename and an old event that arrives late',
    [
      ['Spring', 20],
      ['Draft', 0],
    ],
    'Spring',
  ],
  [
    'a rename and back',
    [
      ['Spring', 0],
      ['Draft', 20],
      ['Spring', 40],
    ],
    'Spring',
  ],
  [
    'a rename, days later',
    [
      ['Draft', 0],
      ['Spring', 2_880],
      ['', 5_000],
    ],
    'Spring',
  ],
  [
    'a rename in one quarter of an hour, by arrival',
    [
      ['Draft', 1],
      ['Spring', 2],
    ],
    'Spring',
  ],
  [
    'two quarters of one hour',
    [
      ['Spring', 46],
      ['Draft', 14],
    ],
    'Spring',
  ],
  [
    'a name with double spaces',
    [
      ['Spring  sale', 0],
      ['', 20],
    ],
    'Spring  sale',
  ],
  [
    'a name that is a digit',
    [
      ['0', 0],
      ['', 20],
    ],
    '0',
  ],
  [
    'only tests',
    [
      ['', 0],
      ['', 20],
    ],
    '',
  ],
  ['no names', [[null, 0]], null],
]

describe('the name of a message', () => {
  it.each(CASES)('with %s', async (_case, named, name) => {
    for (const each of named) await store(toEvent(each))
    const total = named.length
    for (const path of ['messages?', 'messages?sort=largest', `messages?search=2489300`]) {
      expect(await readNames(path)).toEqual([name])
    }
    const response = await read('/reports/messages')
    const { report } = await response.json<{ report: Line[] }>()
    expect(report[0]?.delivered.events).toBe(total)
    await rebuild(env.DB, undefined)
    expect(await readNames()).toEqual([name])
  })

  it('is that of a broadcast, too', async () => {
    await store(buildEvent({ broadcastId: 7, messageName: 'Spring' }))
    await store(buildEvent({ broadcastId: 7, messageName: '' }))
    expect(await readNames('broadcasts?')).toEqual(['Spring'])
  })

  it('is that of the requested period', async () => {
    await store(toEvent(['Draft', 0]), toEvent(['Spring', 60]), toEvent(['Summer', 120]))
    expect(await readNames('messages?until=2024-01-01T13:30')).toEqual(['Spring'])
    expect(await readNames('messages?until=2024-01-01T12:30')).toEqual(['Draft'])
    await store(toEvent(['', 180]))
    expect(await readNames('messages?since=2024-01-01T14:30')).toEqual(['Summer'])
  })

  it('is not taken from an event dated far ahead, if there is another', async () => {
    await store(buildEvent({ messageName: 'Spring' }))
    await store(buildEvent({ messageName: 'Far', activityDateTime: '9999-12-31T23:59:59' }))
    expect(await readNames()).toEqual(['Spring'])
    await store(
      buildEvent({ messageId: 2, messageName: 'F', activityDateTime: '9999-01-01T00:00:00' }),
    )
    expect(await readNames('messages?messageId=2')).toEqual(['F'])
  })

  it('has the tag and channel of the same campaign', async () => {
    await store(buildEvent({ messageName: 'Spring', messageTag: 'sale', from: 'Shop' }))
    await store(buildEvent({ messageName: '', messageTag: null, from: null }))
    const response = await read('/reports/messages')
    expect(await response.json()).toMatchObject({
      report: [{ messageName: 'Spring', messageTag: 'sale', mediaType: 'email', from: 'Shop' }],
    })
  })
})
