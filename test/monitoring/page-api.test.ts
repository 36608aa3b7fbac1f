import { beforeEach, expect, it } from 'vitest'
import { run } from './operator.ts'
import { clearTables } from '../receiver.ts'
import { visit } from '../visit.ts'

const HOUR = 3_600_000
const NOW = Date.now()

beforeEach(clearTables)

async function show(YESPO_API_KEY = 'api-key'): Promise<string> {
  const response = await visit('/status', { changed: { YESPO_API_KEY } })
  expect(response.status).toBe(200)
  return (await response.text()).replaceAll(/\s+/g, ' ')
}

function insert(state: string, said: { error?: string; delay?: string }): Promise<void> {
  return run(
    `INSERT INTO sync_runs (kind, since, until, state, error, delay, beganAt, movedAt, tries, sent, finishedAt)
     VALUES ('schedule', 0, ?, ?, ?, ?, ?5, ?5, 1, 1, ?)`,
    HOUR,
    state,
    said.error ?? null,
    said.delay ?? null,
    NOW - 2 * HOUR,
    state === 'running' ? null : NOW - HOUR,
  )
}

const time = (at: number) => `<time datetime="${new Date(at).toISOString()}">`

it('shows up to when the API was read, or that it has not been read yet', async () => {
  expect(await show()).toContain('<dt>Last sync</dt><dd>none yet')
  await insert('finished', {})
  const page = await show()
  expect(page).toContain(`<dd>finished ${time(NOW - HOUR)}`)
  expect(page).toContain(`with events up to ${time(HOUR)}`)
  expect(page).not.toContain('Current sync')
})

it('shows why a sync stopped, and what the next attempt is waiting for', async () => {
  await insert('stopped', { error: 'No <right>.' })
  await insert('running', { delay: 'Yespo <failed>' })
  const page = await show()
  expect(page).toMatch(/<dd>stopped <time [^>]+>[^<]+<\/time>: <bdi>No &lt;right&gt;\.<\/bdi>/)
  expect(page).toContain(`waiting since ${time(NOW - 2 * HOUR)}`)
  expect(page).toContain('<bdi>Yespo &lt;failed&gt;</bdi>')
})

it('shows no sync if syncing is off', async () => {
  await insert('stopped', { error: 'Some error.' })
  const page = await show('')
  expect(page).toContain('off: YESPO_API_KEY is not set')
  expect(page).not.toContain('Some error.')
})
