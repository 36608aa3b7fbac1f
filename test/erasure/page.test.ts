import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { buildEvent } from '../event.ts'
import { clearTables, count, list } from '../receiver.ts'
import { quarantined } from '../quarantine.ts'
import { store } from '../store-events.ts'
import { ORIGIN, visit, type Visit } from '../visit.ts'

const PATH = '/contact/4711/erase'
const OPERATED = { OPERATE_TOKEN: 'operate-token-for-tests' }

const anna = { contactId: 4711, email: 'anna@example.com' }
const bert = { contactId: 4712, email: 'bert@example.com' }

beforeEach(clearTables)

async function show(path: string, options: Visit = {}): Promise<string> {
  const response = await visit(path, options)
  expect(response.status).toBe(200)
  return response.text()
}

/** Sends the form. @returns the URL that it redirects to */
async function erase(fields: Record<string, string> = {}): Promise<string> {
  const response = await visit(PATH, { fields: { word: 'erase', ...fields } })
  expect(response.status).toBe(303)
  const location = response.headers.get('Location') ?? ''
  expect(location).toMatch(/^\/erasures\/\d+$/)
  return location
}

const expectNobodyErased = async () => {
  expect([await count('activity'), await count('erasures')]).toEqual([2, 0])
}

describe('the page to erase a contact', () => {
  beforeEach(() =>
    store(buildEvent({ ...anna, activityStatus: 'UNSUBSCRIBED' }), buildEvent({ ...bert })),
  )

  it('asks for confirmation, says what will be erased, and then erases it', async () => {
    await quarantined({ sent: JSON.stringify({ ...anna, activityStatus: '' }) })
    expect(await show('/contact/4711')).toContain(`href="${PATH}"`)
    const question = await show(PATH)
    expect(question).toContain(`<form method="post" action="${PATH}">`)
    expect(question).toMatch(
      /cannot be undone.*anna@example\.com.*1 event so far.*Erase permanently/s,
    )
    expect(question).not.toMatch(/name="suppressions"[^>]*checked/)
    await expectNobodyErased()

    const page = await show(await erase())
    expect(page).toMatch(/Finished.*<dt>Events<\/dt><dd>1<\/dd>/s)
    expect(page).toContain('<dt>Suppressions</dt><dd>1</dd>')
    expect(page).not.toMatch(/anna|4711/)
    expect((await list()).activity).toMatchObject([{ contactId: 4712 }])
    expect([await count('suppressions'), await count('quarantine')]).toEqual([0, 0])
    for (const path of ['/contact/4711', PATH]) expect((await visit(path)).status).toBe(404)
  })

  it('keeps the suppressions if that box is checked', async () => {
    expect(await show(PATH)).toMatch(/type="checkbox" name="suppressions" value="keep"/)
    await show(await erase({ suppressions: 'keep' }))
    expect([await count('activity'), await count('suppressions')]).toEqual([1, 1])
  })

  it.each([
    [' Erase ', 'en', 303],
    ['СТЕРТИ', 'uk', 303],
    ['erase', 'uk', 303],
    ['', 'en', 400],
    ['4711', 'uk', 400],
  ])('needs the word in a language: %j (%s)', async (word, language, status) => {
    const response = await visit(PATH, { fields: { word, suppressions: 'keep' }, language })
    expect(response.status).toBe(status)
    if (status === 303) return
    const page = await response.text()
    expect(page).toContain(language === 'uk' ? 'введіть слово «стерти»' : 'type “erase”')
    expect(page).toMatch(/name="suppressions"[^>]*checked/)
    await expectNobodyErased()
  })

  it('redirects even if the form is sent twice', async () => {
    const [first, second] = [await erase(), await erase()]
    expect(second).not.toBe(first)
    expect(await show(second)).toContain('<dt>Total</dt><dd>0</dd>')
  })

  it('rejects an unknown choice', async () => {
    expect((await visit(PATH, { fields: { suppressions: 'on', word: 'erase' } })).status).toBe(400)
    await expectNobodyErased()
  })

  it('erases nothing on GET', async () => {
    for (const path of [PATH, `${PATH}?suppressions=erase`, '/contact/4711', '/erasures']) {
      await show(path)
    }
    expect((await visit('/erasures/1')).status).toBe(404)
    await expectNobodyErased()
  })

  it('rejects a form from another site or without a session', async () => {
    const elsewhere = { fields: {}, origin: 'https://evil.example.com' }
    expect((await visit(PATH, elsewhere)).status).toBe(403)
    expect((await visit(PATH, { fields: {}, token: 'wrong' })).status).toBe(401)
    expect((await visit(PATH, { token: 'wrong' })).status).toBe(401)
    await expectNobodyErased()
  })

  it('shows no button to read-only sessions, and rejects their form', async () => {
    const options = { changed: OPERATED }
    expect(await show('/contact/4711', options)).not.toContain('Erase personal data')
    for (const each of [options, { ...options, fields: {} }]) {
      const response = await visit(PATH, each)
      expect(response.status).toBe(403)
      expect(await response.text()).toContain('Sign in with OPERATE_TOKEN')
    }
    await expectNobodyErased()
    const operator = { ...options, token: 'operate-token-for-tests' }
    expect(await show('/contact/4711', operator)).toContain('Erase personal data')
    expect((await visit(PATH, { ...operator, fields: { word: 'erase' } })).status).toBe(303)
  })

  it('does not exist for an unknown contact', async () => {
    const response = await visit('/contact/1/erase')
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('DELETE /contacts/[contactId]')
    for (const path of ['/contact/anna/erase', `/contact/${'9'.repeat(19)}/erase`]) {
      expect((await visit(path)).status).toBe(404)
      expect((await visit(path, { fields: {} })).status).toBe(404)
    }
    await expectNobodyErased()
  })

  it('responds with the allowed methods', async () => {
    const init = { method: 'DELETE', headers: { Origin: ORIGIN } }
    const response = await app.request(`${ORIGIN}${PATH}`, init, env)
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'GET, HEAD, POST'])
  })
})
