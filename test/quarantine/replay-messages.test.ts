import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { digest128 } from '../../src/event/identity.ts'
import { splitMessage } from '../../src/quarantine/split-message.ts'
import sample from '../samples/message-v1.json?raw'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase } from '../faulty.ts'
import { clearTables, count, list, listQuarantine } from '../receiver.ts'
import { messagesOf } from '../messages-of.ts'
import { replay, quarantined } from '../quarantine.ts'

beforeEach(clearTables)

/** Quarantines the message of a POST with these events, after changing its text. */
async function quarantineMessage(
  events: readonly unknown[],
  change = (text: string) => text,
): Promise<{ id: string; text: string }> {
  // With a byte order mark, it is not deferred: all of it is in one message.
  const [sent = ''] = await messagesOf(`\ufeff${JSON.stringify(events)}`)
  const text = change(sent)
  return { id: await quarantined({ kind: 'message', sent: text, request: digest128(text) }), text }
}

// A row that the table rejects: its key has no second half.
const breakRow = (text: string) => text.replace(/\[(\d+),"[\da-f]{32}",/, '[$1,null,')

it('stores a message that the database accepts now, to the digit', async () => {
  const { id, text } = await quarantineMessage([buildEvent({ contactId: 1 }), 5], (packed) =>
    packed.replace(',1,"contact@', ',9223372036854775807,"contact@'),
  )
  expect(text).toContain('9223372036854775807')
  expect(await replay(`/${id}/replay`)).toEqual({
    replayed: 1,
    events: 1,
    still: 0,
    reason: null,
  })
  const digits = 'SELECT CAST(contactId AS TEXT) AS digits FROM activity'
  expect(await env.DB.prepare(digits).first('digits')).toBe('9223372036854775807')
  const { receivedAt } = JSON.parse(text) as { receivedAt: number }
  expect((await list()).activity).toMatchObject([{ receivedAt }])
  // The quarantined element in it is stored, too, and the message is deleted.
  expect(await listQuarantine()).toMatchObject([{ kind: 'element', sent: '5', receivedAt }])
})

it('stores a message of the first release', async () => {
  const id = await quarantined({ kind: 'message', sent: sample.trim() })
  expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 1 })
  expect((await list()).activity).toMatchObject([
    { activityStatus: 'CLICKED', labels: { 'X-Shop': 'one' }, receivedAt: 1694680204000 },
  ])
})

it('quarantines the invalid row and stores the others, and later keeps that row', async () => {
  const events = Array.from({ length: 9 }, () => buildEvent())
  const { id } = await quarantineMessage(events, breakRow)
  expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 8, still: 1 })
  expect(await count('activity')).toBe(8)
  const before = await listQuarantine()
  expect(before).toMatchObject([{ kind: 'message' }])
  expect(before[0]?.['sent']).toContain('"accepted":1,')
  for (let time = 0; time < 2; time++) {
    expect(await replay('/replay')).toEqual({ replayed: 0, events: 0, still: 1, next: null })
    expect(await listQuarantine()).toEqual(before)
  }
})

it('quarantines a row that the database rejects for an unknown reason', async () => {
  const events = ['fine', 'poison', 'fine'].map((email) => buildEvent({ email }))
  const { id } = await quarantineMessage(events)
  const DB = faultyDatabase(env.DB, (_call, text) =>
    text.includes('"poison"') ? D1_ERRORS.unknown() : undefined,
  )
  expect(await replay(`/${id}/replay`, { DB })).toMatchObject({ replayed: 1, events: 2, still: 1 })
  expect(await listQuarantine()).toMatchObject([{ kind: 'message' }])
})

it('leaves a message of one row unchanged', async () => {
  const { id } = await quarantineMessage([buildEvent()], breakRow)
  const before = await listQuarantine()
  expect(await replay(`/${id}/replay`)).toEqual({
    replayed: 0,
    events: 0,
    still: 1,
    reason: 'why',
  })
  expect(await listQuarantine()).toEqual(before)
})

it('keeps a message while the database is down, and neither loses nor duplicates events', async () => {
  const { id } = await quarantineMessage([buildEvent(), buildEvent()])
  const DB = faultyDatabase(env.DB, () => D1_ERRORS.lost())
  expect(await replay(`/${id}/replay`, { DB })).toMatchObject({ replayed: 0, still: 1 })
  expect(await count('quarantine')).toBe(1)
  const crashed = faultyDatabase(env.DB, (call) => (call > 1 ? D1_ERRORS.lost() : undefined))
  await expect(replay(`/${id}/replay`, { DB: crashed })).rejects.toThrow('503')
  expect([await count('activity'), await count('quarantine')]).toEqual([2, 1])
  expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 2 })
  expect([await count('activity'), await count('quarantine')]).toEqual([2, 0])
})

it.each([
  '',
  'null',
  '{"v":2,"rows":[]}',
  '{"v":1,"accepted":1,"rejected":0,"rows":[[',
  '{"v":1,"accepted":1,"rejected":0,"receivedAt":1,"origin":"webhook","labels":null,"rows":[]}',
  '{"v":1,"accepted":0,"rejected":1,"receivedAt":1,"origin":"webhook","labels":null,"rows":[]}',
  '{"v":1,"accepted":0,"rejected":0,"rows":[],"quarantine":[]}',
  '{"v":1,"accepted":0,"rejected":0,"receivedAt":"x","origin":"webhook","labels":null,"rows":{}}',
])('keeps a message that this version cannot read: %s', async (sent) => {
  const id = await quarantined({ kind: 'message', sent })
  expect(splitMessage(sent)).toBeUndefined()
  expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 0, events: 0, still: 1 })
  expect(await listQuarantine()).toMatchObject([{ kind: 'message', sent }])
})

it('splits a message of one row into itself', async () => {
  const { text } = await quarantineMessage([buildEvent({ messageName: '","rows":[[' })])
  expect(splitMessage(text)).toEqual([{ text, isEvent: true }])
})

it('finds an invalid row within the query limit of the free plan', async () => {
  const { id } = await quarantineMessage(
    Array.from({ length: 200 }, () => buildEvent()),
    breakRow,
  )
  let batches = 0
  const DB = faultyDatabase(env.DB, (call) => void (batches = call))
  const response = await replay(`/${id}/replay`, { DB })
  expect(response).toMatchObject({ replayed: 1, events: 199, still: 1 })
  expect(batches).toBeLessThan(30)
})
