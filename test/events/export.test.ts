import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { PARAMETERS } from '../../src/event/parameters.ts'
import { app } from '../../src/routes.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue } from '../faulty.ts'
import { archive, readStored } from '../history/archiving.ts'
import { readRows } from '../../src/parquet/decode.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { clearTables, list, postWith, read } from '../receiver.ts'
import { store } from '../store-events.ts'

const at = (second: number, changes = {}) =>
  buildEvent({
    activityDateTime: new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString().slice(0, 19),
    ...changes,
  })

async function exportText(path: string): Promise<string> {
  const init = { headers: { Authorization: 'Bearer read-token-for-tests' } }
  const response = await app.request(path, init, env)
  expect(response.status).toBe(200)
  // The response has a byte order mark, which text() would drop.
  return new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(
    await response.arrayBuffer(),
  )
}

/** Parses CSV according to RFC 4180. */
function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]]
  const content = text.replace(/^\uFEFF/, '')
  for (const [, quoted, plain = '', end] of content.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g,
  )) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '\r\n') rows.push([])
  }
  const [header = [], ...lines] = rows.slice(0, -1)
  return lines.map((cells) =>
    Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])),
  )
}

describe('CSV', () => {
  it('has a column for every field of an event, and a line for each event', async () => {
    await store(at(1, { hardBounce: false, subscriptions: ['a', 'b'], unknown: 1 }), at(2))
    const text = await exportText('/activity.csv')
    const [, older] = parseCsv(text)
    expect(text.at(0)).toBe('\uFEFF') // without it, Excel assumes Latin-1
    expect(text.slice(1, text.indexOf('\r\n')).split(',')).toEqual([
      'id',
      'occurredAt',
      'receivedAt',
      'origin',
      ...PARAMETERS.map(({ name }) => name),
      'labels',
      'extra',
    ])
    expect(parseCsv(text)).toHaveLength(2)
    expect(older).toMatchObject({
      occurredAt: '2024-01-01T00:00:01.000Z',
      contactId: '889891911',
      hardBounce: 'false',
      subscriptions: '["a","b"]',
      extra: '{"unknown":1}',
      workflowId: '',
    })
  })

  it.each([
    '=1+1',
    '+380',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    'a;=1',
    'a\t@b;-1',
    'a\r\n+1',
    '\0=1+1',
    '\0',
    '\0\0@SUM(A1)',
    '\x01=1',
    '\x7f+1',
    '\x1b-1',
    'a\0=1',
    'a;\0=1',
    '＝1+1',
    '＋380',
    '－1',
    '＠SUM(A1)',
    '﹦1',
    '﹢1',
    '﹣1',
    '﹫SUM(A1)',
    'a;＝1',
    'a\t＠b',
    '\t＝1',
    '\0＝1',
    '\u200b=1',
    '\ufeff=1',
    ' =1',
    '\u3000＝1',
    '\0 \u200b\t＠b',
  ])('prevents a spreadsheet from running %j', async (messageName) => {
    await store(at(1, { messageName }))
    const cell = parseCsv(await exportText('/activity.csv'))[0]?.['messageName'] ?? ''
    expect(cell).not.toMatch(/(?:^|[;\p{Cc}])[\p{Cf}\p{Z}]*[=+\-@＝＋－＠﹦﹢﹣﹫]|^[\s\p{Cc}]/u)
    expect(cell.replaceAll("'", '')).toBe(messageName)
  })

  it('escapes formulas in lists, labels and undocumented parameters, too', async () => {
    await store(at(1, { subscriptions: ['a;=1', '\0=1'], more: 'a;＝1', hardBounce: true }))
    const [row] = parseCsv(await exportText('/activity.csv'))
    expect(row).toMatchObject({
      subscriptions: `["a;'=1","\\u0000=1"]`,
      extra: `{"more":"a;'＝1"}`,
      hardBounce: 'true',
    })
  })

  it('does not change numbers, dashes and spaces within a text', async () => {
    const text = 'a - b = c + d @ e － ＝ ＋ ＠'
    const numbers = JSON.stringify(at(1, { messageName: text, messageId: -7 }))
    await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, numbers)
    expect(parseCsv(await exportText('/activity.csv'))[0]).toMatchObject({
      messageName: text,
      messageId: '-7',
    })
  })

  it.each(['\t', ' ', ';', '\0', '\u200b', ';\t ', '=', ';='])(
    'is fast for a text that only consists of %j',
    async (piece) => {
      await store(at(1, { messageName: piece.repeat(Math.floor(200_000 / piece.length)) }))
      const started = Date.now()
      await exportText('/activity.csv')
      expect(Date.now() - started).toBeLessThan(20_000)
    },
  )

  it.each(['a,b', 'say "hi"', 'two\r\nlines', "'", 'ціна ↓', '"', ',', ''])(
    'keeps %j unchanged',
    async (messageName) => {
      await store(at(1, { messageName }))
      expect(parseCsv(await exportText('/activity.csv'))[0]?.['messageName']).toBe(messageName)
    },
  )

  it('keeps every digit', async () => {
    const text = JSON.stringify(at(1)).replace('889891911', '9007199254740993')
    await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, text)
    expect(parseCsv(await exportText('/activity.csv'))[0]?.['contactId']).toBe('9007199254740993')
  })

  it('has its header even if there are no events', async () => {
    expect(parseCsv(await exportText('/activity.csv'))).toEqual([])
  })
})

describe('an export', () => {
  const many = Array.from({ length: 4_500 }, (_, index) =>
    at(index % 1_000, { contactId: index % 7 }),
  )

  it('has the same events as the list, each once, over many pages', async () => {
    await store(...many)
    const lines = (await exportText('/activity.ndjson')).trimEnd().split('\n')
    const exported = lines.map((line) => JSON.parse(line) as { id: string })
    const { activity } = await list('?limit=500')
    expect(exported.slice(0, 500)).toEqual(activity)
    expect(new Set(exported.map(({ id }) => id)).size).toBe(many.length)
    expect(exported).toHaveLength(many.length)
  })

  it('continues after the last event that the client received', async () => {
    await store(...many)
    const all = (await exportText('/activity.ndjson')).trimEnd().split('\n')
    const { id } = JSON.parse(all[2_345] ?? '') as { id: string }
    const rest = (await exportText(`/activity.ndjson?cursor=${id}`)).trimEnd().split('\n')
    expect(rest).toEqual(all.slice(2_346))
  })

  it('finds rare events among many, and has filters and a limit', async () => {
    await store(...many, at(3, { messageName: 'rare' }), at(999, { messageName: 'rare' }))
    expect(parseCsv(await exportText('/activity.csv?messageName=rare'))).toHaveLength(2)
    expect(parseCsv(await exportText('/activity.csv?messageName=rare&limit=1'))).toHaveLength(1)
    expect(parseCsv(await exportText('/activity.csv?limit=2500'))).toHaveLength(2_500)
  })

  it.each([
    ['text/csv', 'text/csv; charset=utf-8'],
    ['application/x-ndjson', 'application/x-ndjson; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['text/html', 'application/json; charset=utf-8'],
  ])('responds to Accept: %s with %s', async (accept, type) => {
    const init = { headers: { Authorization: 'Bearer read-token-for-tests', Accept: accept } }
    const response = await app.request('/activity', init, env)
    expect(response.headers.get('Content-Type')).toBe(type)
    await response.text()
  })

  it('requires a read token', async () => {
    expect((await read('/activity.csv', 'wrong')).status).toBe(401)
    expect((await read('/activity.ndjson?foo=1')).status).toBe(400)
  })

  it.each(['csv', 'ndjson'])('as %s has no empty line at its end', async (format) => {
    await store(at(1, { messageName: 'ціна' }), at(2))
    const { activity } = await list()
    const rest = await exportText(`/activity.${format}?cursor=${activity.at(-1)?.id}`)
    expect(rest.split('\n').filter(Boolean)).toHaveLength(format === 'csv' ? 1 : 0)
  })

  it('responds 503 if the database is down, and breaks off if it goes down later', async () => {
    await store(...many)
    const init = { headers: { Authorization: 'Bearer read-token-for-tests' } }
    const failing = (from: number) => ({
      ...env,
      DB: faultyDatabase(env.DB, (call) => (call >= from ? D1_ERRORS.lost() : undefined)),
    })
    expect((await app.request('/activity.csv', init, failing(1))).status).toBe(503)
    const cut = await app.request('/activity.csv', init, failing(2))
    expect(cut.status).toBe(200)
    await expect(cut.text()).rejects.toThrow()
  })
})

describe('Parquet', () => {
  async function exportRows(path: string): Promise<StoredEvent[]> {
    const response = await read(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('application/vnd.apache.parquet')
    expect(response.headers.get('Content-Disposition')).toBe(
      'attachment; filename="activity.parquet"',
    )
    const content = await response.arrayBuffer()
    return readRows({
      byteLength: content.byteLength,
      slice: (start, end) => content.slice(start, end),
    })
  }

  it('has every event of a period, from the database and the archive', async () => {
    await clearTables()
    await store(
      at(1, { unknown: 1 }),
      at(2, { hardBounce: true }),
      at(3),
      at(4, { contactId: null }),
    )
    const stored = (await readStored()).reverse()
    expect(await exportRows('/activity.parquet')).toEqual(stored)
    await archive(stored.slice(2))
    expect(await exportRows('/activity.parquet')).toEqual(stored)
    const period = 'since=2024-01-01T00:00:02Z&until=2024-01-01T00:00:04Z'
    expect(await exportRows(`/activity.parquet?${period}`)).toEqual(stored.slice(1, 3))
    expect(await exportRows('/activity.parquet?hardBounce=true')).toEqual(stored.slice(2, 3))
    expect(await exportRows('/activity.parquet?limit=1')).toEqual(stored.slice(0, 1))
  })

  it('has no rows if no event matches', async () => {
    expect(await exportRows('/activity.parquet?messageId=404')).toEqual([])
  })

  it('has each of many events once, in several groups', async () => {
    await clearTables()
    await store(at(1))
    await env.DB.prepare(
      `WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 25000)
       INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign, activityStatus)
       SELECT 1600000000000 + v, randomblob(16), 1, 0, 'webhook', campaign, 'READ' FROM n, campaigns`,
    ).run()
    const rows = await exportRows('/activity.parquet?activityStatus=READ')
    expect(rows).toHaveLength(25_000)
    expect(rows.map(({ occurredAt }) => occurredAt - 1_600_000_000_000)).toEqual(
      Array.from({ length: 25_000 }, (_, index) => 25_000 - index),
    )
  }, 60_000)

  it('is the answer to its media type', async () => {
    await store(at(1))
    const headers = {
      Authorization: 'Bearer read-token-for-tests',
      Accept: 'application/vnd.apache.parquet',
    }
    const response = await app.request('/activity', { headers }, env)
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect(new TextDecoder().decode(bytes.slice(0, 4))).toBe('PAR1')
  })
})
