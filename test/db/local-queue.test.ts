import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import {
  createLocalQueue,
  deleteLocalMessages,
  insertLocalMessages,
  listLocalMessages,
} from '../../src/db/local-queue.ts'

const { DB } = env
const text = (body: string) => ({ binding: 'QUEUE', contentType: 'text', body, dueAt: 7 }) as const

beforeEach(async () => {
  await createLocalQueue(DB)
  await DB.exec('DELETE FROM local_queue')
})

it('keeps texts and bytes as they were', async () => {
  const body = new Uint8Array([0, 255, 128, 10]).buffer
  const bytes = { binding: 'OTHER', contentType: 'bytes', body, dueAt: 8 } as const
  const ids = await insertLocalMessages(DB, [text('{"a":"Київ \u0000"}'), bytes])
  expect(await listLocalMessages(DB, 0)).toEqual([
    { ...text('{"a":"Київ \u0000"}'), id: ids[0] },
    { ...bytes, id: ids[1] },
  ])
})

it('lists them in turn', async () => {
  const ids = await insertLocalMessages(
    DB,
    Array.from({ length: 230 }, (_, index) => text(String(index))),
  )
  const listed: string[] = []
  let page = await listLocalMessages(DB, 0)
  while (page.length > 0) {
    listed.push(...page.map(({ body }) => String(body)))
    page = await listLocalMessages(DB, page.at(-1)?.id ?? 0)
  }
  expect(listed).toEqual(ids.map((_, index) => String(index)))
})

it('never uses an ID again, as a late acknowledgement would delete another message', async () => {
  const [first = 0] = await insertLocalMessages(DB, [text('a')])
  await deleteLocalMessages(DB, [first])
  const [second = 0] = await insertLocalMessages(DB, [text('b')])
  await createLocalQueue(DB)
  await deleteLocalMessages(DB, [first])
  expect(await listLocalMessages(DB, 0)).toEqual([{ ...text('b'), id: second }])
})
