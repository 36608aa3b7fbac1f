import { beforeEach, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { rollUpAll } from '../roll-up.ts'
import { store } from '../store-events.ts'

type Line = { workflowBlockId: string; reached: number; averageDelay: number | null }

beforeEach(clearTables)

// A UUID of version 1 of 2024-01-01T10:00:00Z.
const START = Date.UTC(2024, 0, 1, 10)
const GREGORIAN_MS = 12_219_292_800_000
const ticks = (BigInt(START + GREGORIAN_MS) * 10_000n).toString(16).padStart(16, '0')
const LAUNCH = `${ticks.slice(-8)}-${ticks.slice(-12, -8)}-1${ticks.slice(-15, -12)}-8000-0123456789ab`

const step = (
  workflowBlockId: string,
  seconds: number,
  contactId: number,
  activityStatus = 'DELIVERED',
) =>
  buildEvent({
    workflowId: 4,
    workflowInstanceId: LAUNCH,
    workflowBlockId,
    contactId,
    activityStatus,
    iid: `${workflowBlockId} ${contactId}`,
    activityDateTime: new Date(START + seconds * 1_000).toISOString(),
  })

async function readBlocks(query = ''): Promise<Line[]> {
  const lines: Line[] = []
  let cursor = ''
  do {
    const path = `/reports/blocks?workflowId=4&sort=steps&limit=1${query}${cursor}`
    const response = await read(path)
    expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, ''])
    const { report, next } = await response.json<{ report: Line[]; next: string | null }>()
    lines.push(...report)
    cursor = next === null ? '' : `&cursor=${next}`
  } while (cursor !== '' && lines.length < 9)
  return lines
}

it('come first to last, by the time since the start of the workflow', async () => {
  await store(step('third', 7_200, 1))
  await store(step('first', 10, 1), step('first', 20, 2), step('first', 30, 2, 'READ'))
  await store(step('second', 3_600, 1, 'SENT'), step('second', 3_700, 1))
  await rollUpAll()
  expect(await readBlocks()).toMatchObject([
    { workflowBlockId: 'first', reached: 2, averageDelay: 15, read: { contacts: 1 } },
    { workflowBlockId: 'second', reached: 1, averageDelay: 3_600 },
    { workflowBlockId: 'third', reached: 1, averageDelay: 7_200 },
  ])
})

it('come in order of arrival before their hour is counted', async () => {
  for (const [index, block] of ['b', 'a', 'c'].entries()) await store(step(block, index, 1))
  const lines = await readBlocks()
  expect(lines.map(({ workflowBlockId }) => workflowBlockId)).toEqual(['b', 'a', 'c'])
  expect(lines.map(({ averageDelay }) => averageDelay)).toEqual([null, null, null])
})

it.each(['blocks?sort=steps', 'messages?sort=steps&workflowId=4'])('not of %s', async (path) => {
  expect((await read(`/reports/${path}`)).status).toBe(400)
})
