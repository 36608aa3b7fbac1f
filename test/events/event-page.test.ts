import { beforeEach, expect, test } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables, list } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

beforeEach(clearTables)

async function show(path: string): Promise<string> {
  const response = await visit(path)
  expect(response.status).toBe(200)
  return response.text()
}

async function showEvent(changes: Record<string, unknown>): Promise<string> {
  await store(buildEvent(changes))
  const [event] = (await list()).activity
  return show(`/recent/${event?.id}`)
}

const linked = (page: string) =>
  [...page.matchAll(/href="\/recent\?(\w+)=/g)].map(([, name]) => name)

test('has no links with what may be personal data', async () => {
  const page = await showEvent({
    sourceEventKey: 'order 7',
    clickEventLink: 'https://shop.example.com/?to=jane',
    messageName: 'For jane.doe@example.com',
    messageTag: 'jane@example.com,sale',
    from: '+380 (50) 123-45-67',
    iid: '380501234567',
    workflowId: 380501234567,
    subscriptions: ['380501234567'],
  })
  expect(linked(page)).toEqual(['activityStatus', 'mediaType', 'messageId', 'workflowId'])
})

test.each(['sourceEventKey', 'clickEventLink'])('rejects %s in a URL', async (name) => {
  const response = await visit(`/recent?${name}=x`)
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('may be personal data can’t be part of a link')
})

test('links only values that a URL may filter by', async () => {
  const page = await showEvent({
    activityStatus: 'A,B',
    iid: ' padded ',
    from: 'x'.repeat(501),
    messageId: null,
    messageName: 'One, two',
    bundleId: ' ',
  })
  expect(linked(page)).toEqual(['mediaType', 'messageName'])
})

test('leads from the name of a message to its campaign', async () => {
  const page = await showEvent({ messageId: 7, messageName: 'Spring sale' })
  expect(page).toContain('<a href="/campaigns/7">Spring sale</a>')
})

test('isolates the text direction of sent values', async () => {
  const name = '\u202eevil'
  const bounce = { activityStatus: 'UNDELIVERED', hardBounce: true, statusDescription: name }
  const page = await showEvent({
    ...bounce,
    mediaType: 'email',
    messageName: name,
    email: `${name}@example.com`,
    [name]: name,
  })
  for (const each of [page, await show('/recent'), await show('/contact/889891911')]) {
    expect(each).toContain('\u202e')
    const isolated = each.replaceAll(/<bdi>.*?<\/bdi>/gs, '')
    expect(isolated).not.toContain('\u202e')
  }
})

test('shortens a long status', async () => {
  const status = 'S'.repeat(10_000)
  await store(buildEvent({ activityStatus: status }))
  expect(await show('/recent')).not.toContain('S'.repeat(61))
  expect(await show('/contact/889891911')).not.toContain('S'.repeat(61))
})

test('distinguishes the reason “(none)” from no reason', async () => {
  const bounce = { activityStatus: 'UNDELIVERED', hardBounce: true }
  await store(
    buildEvent({ ...bounce, statusDescription: '(none)' }),
    buildEvent(bounce),
    buildEvent({ ...bounce, statusDescription: '5.1.1' }),
  )
  const rowsOf = async (query: string) =>
    [...(await show(`/recent?${query}`)).matchAll(/data-id=/g)].length
  expect(await rowsOf('reason=(none)')).toBe(1)
  expect(await rowsOf('hasReason=false')).toBe(1)
  expect(await rowsOf('hasReason=true')).toBe(2)
  expect(await show('/recent?hasReason=false')).toContain('aria-label="Remove Has a reason"')
  expect((await visit('/recent?hasReason=no')).status).toBe(400)
  expect((await visit('/recent?hasReason=false&activityStatus=READ')).status).toBe(400)
})
