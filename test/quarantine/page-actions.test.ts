import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { ACTIONS } from '../../src/page-routes.tsx'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { clearTables, count, listQuarantine } from '../receiver.ts'
import { quarantined } from '../quarantine.ts'
import { ORIGIN, signIn, visit } from '../visit.ts'

beforeEach(clearTables)

const OPERATED = { OPERATE_TOKEN: 'operate-token-for-tests' }
const READ_TOKEN = 'read-token-for-tests'
/** Stores events without the queue, and continues nothing in the background. */
const DIRECT = { ACTIVITY_QUEUE: faultyQueue(new Error('down')), TASKS: faultyQueue(undefined) }

/** Sends a browser's request. */
function request(path: string, init: RequestInit = {}, changed: Partial<Env> = {}) {
  const headers = new Headers(init.headers)
  headers.set('Accept', headers.get('Accept') ?? 'text/html')
  return app.request(`${ORIGIN}${path}`, { ...init, headers }, { ...env, ...DIRECT, ...changed })
}

/** Requests a page or sends a form, with permission to operate. */
function operate(path: string, fields?: Record<string, string>, changed: Partial<Env> = {}) {
  const token = 'OPERATE_TOKEN' in changed ? 'operate-token-for-tests' : READ_TOKEN
  return visit(path, { fields, token, changed: { ...DIRECT, ...changed } })
}

/** Sends a form, and follows its redirect. @returns the page */
async function submit(path: string, fields: Record<string, string> = {}): Promise<string> {
  const response = await operate(path, fields)
  expect(response.status).toBe(303)
  const shown = await operate(response.headers.get('Location') ?? '')
  expect(shown.status).toBe(200)
  return shown.text()
}

const at = (id: string) => `/quarantine/${id}`

/** The values of the hidden fields of a page's form. */
function fieldsOf(page: string, action: string): Record<string, string> {
  const form = page.split('<form').find((part) => part.includes(`action="${action}"`)) ?? ''
  const inputs = form.slice(0, form.indexOf('</form')).matchAll(/name="(\w+)" value="([^"]*)"/g)
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, value]))
}

/** Quarantines numbers. @param reason SQL of the reason, by `value` from 1 */
async function fill(elements: number, reason: string): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?)
     INSERT INTO quarantine
     SELECT 'r' || value, 0, 0, 'element', ${reason}, value, 'webhook', NULL, '1' FROM n`,
  )
    .bind(elements)
    .run()
}

describe('replaying', () => {
  it('stores an element that is valid now, and says so', async () => {
    const id = await quarantined({ sent: JSON.stringify(buildEvent()) })
    expect(await (await operate(at(id))).text()).toContain(`action="${at(id)}/replay"`)
    const page = await submit(`${at(id)}/replay`)
    expect(page).toContain('Tried again: 1 item became 1 event.')
    expect(await count('activity')).toBe(1)
    expect((await operate(`${at(id)}/replay`, {})).status).toBe(404)
  })

  it('keeps an element that is still invalid, and says so', async () => {
    const id = await quarantined({ sent: '5' })
    expect(await submit(`${at(id)}/replay`)).toContain(
      'no item became an event. Still in quarantine: 1 item.',
    )
    expect(await count('quarantine')).toBe(1)
  })

  it('replays all items of a reason, step by step if there are many', async () => {
    const rows = Array.from({ length: 70 }, () => JSON.stringify(buildEvent()))
    await env.DB.prepare(
      `INSERT INTO quarantine SELECT 'r' || key, 0, 0, 'element', 'many', key, 'webhook', NULL, value FROM json_each(?)`,
    )
      .bind(JSON.stringify(rows))
      .run()
    await quarantined({ sent: JSON.stringify(buildEvent()), reason: 'other' })
    const fields = fieldsOf(await (await operate('/quarantine')).text(), '/quarantine/replay')
    expect(fields).toEqual({ reason: 'many', total: '70' })
    const page = await submit('/quarantine/replay', fields)
    expect(page).toContain('50 items became 50 events')
    const next = fieldsOf(page.slice(page.indexOf('role="status"')), '/quarantine/replay')
    expect(page).toContain('Processed 50 of 70')
    expect(page).toContain('data-next-step')
    const last = await submit('/quarantine/replay', next)
    expect(last).toContain('70 items became 70 events')
    expect(last).not.toContain('data-next-step')
    expect(last).not.toContain('Continue')
    expect((await listQuarantine()).map(({ reason }) => reason)).toEqual(['other'])
  })

  it('replays everything after an upgrade', async () => {
    for (const reason of ['a', 'b']) {
      await quarantined({ sent: JSON.stringify(buildEvent()), reason })
    }
    expect(await (await operate('/quarantine')).text()).toContain('Try all again')
    expect(await submit('/quarantine/replay')).toContain('2 items became 2 events')
  })
})

describe('deleting', () => {
  it('asks for confirmation, and then deletes one item', async () => {
    const id = await quarantined({ sent: '"<b>first</b>"' })
    await quarantined({ sent: '"second"' })
    const question = await (await operate(`${at(id)}/delete`)).text()
    expect(question).toContain('&lt;b&gt;first')
    expect(question).toContain(`<form method="post" action="${at(id)}/delete">`)
    expect(await count('quarantine')).toBe(2)
    expect(await submit(`${at(id)}/delete`)).toContain('1 item deleted.')
    expect((await listQuarantine()).map(({ sent }) => sent)).toEqual(['"second"'])
  })

  it('asks for confirmation, and then deletes all items of a reason', async () => {
    for (const reason of ['a "quoted" reason', 'a "quoted" reason', 'b']) {
      await quarantined({ sent: '1', reason })
    }
    const path = `/quarantine/delete?${new URLSearchParams({ reason: 'a "quoted" reason' })}`
    expect(await (await operate(path)).text()).toContain('Delete 2 quarantined items?')
    expect(await count('quarantine')).toBe(3)
    const fields = { reason: 'a "quoted" reason' }
    expect(await submit('/quarantine/delete', fields)).toContain('2 items deleted.')
    expect((await listQuarantine()).map(({ reason }) => reason)).toEqual(['b'])
  })

  it('asks for confirmation before each step, and adds up', async () => {
    await fill(2_500, `'why' || (value % 5 = 0)`)
    const first = await submit('/quarantine/delete', { reason: 'why0' })
    expect(first).toContain('1,000 items deleted.')
    expect(first).not.toContain('<form method="post" action="/quarantine/delete">')
    const next = fieldsOf(first, '/quarantine/delete')
    expect(Object.keys(next)).toEqual(['reason', 'cursor', 'deleted'])
    const question = await operate(`/quarantine/delete?${new URLSearchParams(next)}`)
    const text = await question.text()
    expect(text).toContain('<bdi>why0</bdi>')
    expect(text).toContain('1,000 items deleted so far.')
    expect(text).toContain('Delete 1,000 quarantined items?')
    const last = await submit('/quarantine/delete', fieldsOf(text, '/quarantine/delete'))
    expect(last).toContain('2,000 items deleted.')
    expect(await count('quarantine')).toBe(500)
  })

  it('never deletes everything because the reason is missing or is a word like “all”', async () => {
    await quarantined({ sent: '1' })
    for (const fields of [{}, { reason: '*' }, { reason: '*', cursor: '9.z.0' }]) {
      expect((await operate('/quarantine/delete', fields)).status).toBe(400)
    }
    for (const path of [
      '/quarantine?deleted=0&reason=*&more=999999999999999.z.0',
      '/quarantine/delete?reason=*',
    ]) {
      expect((await operate(path)).status).toBe(400)
    }
    const page = await (await operate('/quarantine?deleted=0&more=999999999999999.z.0')).text()
    expect(page).not.toContain('/quarantine/delete"><button')
    expect(page).not.toContain('Continue')
    expect(await count('quarantine')).toBe(1)
  })
})

describe('the page', () => {
  it('says if there are more items than were counted', async () => {
    await fill(10_001, `'why' || (value % 2)`)
    const page = await (await operate('/quarantine')).text()
    expect(page).toContain('At least 10,000 items')
    expect(fieldsOf(page, '/quarantine/replay')).toEqual({ reason: 'why0' })
    const question = await (await operate('/quarantine/delete?reason=why1')).text()
    expect(question).toContain('Delete at least 5,000 quarantined items?')
  })

  it('says if there are more reasons than it lists, and counts each', async () => {
    await fill(60, `'why' || value`)
    expect(await (await operate('/quarantine')).text()).toContain('At least 50 items')
    const question = await (await operate('/quarantine/delete?reason=why60')).text()
    expect(question).toContain('<h1>Delete 1 quarantined item?')
  })

  it('says how long each item is kept', async () => {
    const id = await quarantined({ sent: '1', receivedAt: Date.UTC(2023, 0, 1) })
    for (const path of ['/quarantine', at(id)]) {
      expect(await (await operate(path)).text()).toContain('until 31 Jan 2023, 00:00:00')
    }
    const changed = { QUARANTINE_DAYS: '0' } as unknown as Partial<Env>
    expect(await (await operate(at(id), undefined, changed)).text()).toContain(
      'until you delete it',
    )
  })

  it.each(['replayed=x', 'deleted=-1', 'still=1e9', 'more=x', 'events=%3Cb%3E'])(
    'rejects an invalid outcome: %s',
    async (query) => expect((await operate(`/quarantine?${query}`)).status).toBe(400),
  )
})

describe('without permission', () => {
  const paths = Object.keys(ACTIONS)
    .filter((path) => path.startsWith('/quarantine/'))
    .map((path) => path.replace(':id', 'r.0'))
  const fields = { reason: 'why' }
  const post = (path: string, headers: Record<string, string>, changed: Partial<Env> = {}) =>
    request(path, { method: 'POST', headers, body: new URLSearchParams(fields) }, changed)

  beforeEach(async () => void (await quarantined({ sent: '{}', request: 'r' })))

  it.each(paths)('%s has no effect without a session', async (path) => {
    expect((await post(path, { Origin: ORIGIN })).status).toBe(401)
    expect([401, 405]).toContain((await request(path)).status)
    expect(await listQuarantine()).toMatchObject([{ reason: 'why' }])
  })

  it.each(paths)('%s has no effect from another site', async (path) => {
    const Cookie = await signIn(READ_TOKEN)
    const response = await post(path, { Cookie, Origin: 'https://evil.example.com' })
    expect(response.status).toBe(403)
    expect(await listQuarantine()).toMatchObject([{ reason: 'why' }])
  })

  it.each(paths)('%s has no effect with READ_TOKEN if OPERATE_TOKEN is set', async (path) => {
    // Even if the session started before that was set.
    for (const Cookie of [await signIn(READ_TOKEN), await signIn(READ_TOKEN, OPERATED)]) {
      const response = await post(path, { Cookie, Origin: ORIGIN }, OPERATED)
      expect(response.status).toBe(403)
      expect(await response.text()).toContain('Sign in with OPERATE_TOKEN')
    }
    expect(await listQuarantine()).toMatchObject([{ reason: 'why' }])
    expect((await operate(path, fields, OPERATED)).status).toBe(303)
  })

  it('every page is shown, but no button', async () => {
    const headers = { Cookie: await signIn(READ_TOKEN, OPERATED) }
    for (const path of ['/quarantine', '/quarantine/r.0']) {
      const response = await request(path, { headers }, OPERATED)
      expect(response.status).toBe(200)
      expect(await response.text()).not.toMatch(/Try again|Delete/)
      expect(await (await operate(path, undefined, OPERATED)).text()).toMatch(/Try again.*Delete/s)
    }
    expect((await request('/quarantine/r.0/delete', { headers }, OPERATED)).status).toBe(403)
  })

  it('no form to continue is shown', async () => {
    const headers = { Cookie: await signIn(READ_TOKEN, OPERATED) }
    for (const query of ['replayed=1&more=9.z.0', 'deleted=1&more=9.z.0&reason=why']) {
      const page = await (await request(`/quarantine?${query}`, { headers }, OPERATED)).text()
      expect(page).toContain('more items to process')
      expect(page).not.toContain('Continue')
      expect(await (await operate(`/quarantine?${query}`, undefined, OPERATED)).text()).toContain(
        'Continue',
      )
    }
  })

  it('a session with OPERATE_TOKEN ends when that is changed', async () => {
    const headers = { Cookie: await signIn('operate-token-for-tests', OPERATED) }
    expect((await request('/quarantine', { headers }, OPERATED)).status).toBe(200)
    expect(
      (await request('/quarantine', { headers }, { OPERATE_TOKEN: 'the-token-after-it' })).status,
    ).toBe(401)
  })

  it.each(['/quarantine/replay', '/quarantine/r.0/replay'])('%s needs a form', async (path) => {
    const response = await operate(path)
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST'])
  })
})
