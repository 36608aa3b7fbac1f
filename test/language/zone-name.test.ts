import { expect, it } from 'vitest'
import { listOffsetSpans } from '../../src/event/offset-spans.ts'
import { nameZone, RENAMED } from '../../src/language/zone-name.ts'
import { buildEvent } from '../event.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

it.each([
  ['Europe/Kiev', 'Kyiv time'],
  ['Europe/Kyiv', 'Kyiv time'],
  ['Asia/Calcutta', 'Kolkata time'],
  ['America/Argentina/Buenos_Aires', 'Buenos Aires time'],
  ['America/New_York', 'New York time'],
  ['UTC', 'UTC'],
  ['Etc/UTC', 'UTC'],
  ['Etc/GMT-3', 'Etc/GMT-3'],
  ['CET', 'CET'],
  ['+03:00', 'UTC+03:00'],
])('%s is called %s', (zone, name) => {
  expect(nameZone(zone)).toBe(name)
})

it.each(Object.entries(RENAMED))('%s has the same clocks as %s', (old, current) => {
  const [since, until] = [Date.UTC(2015, 0), Date.UTC(2030, 0)]
  expect(listOffsetSpans(since, until, old)).toEqual(listOffsetSpans(since, until, current))
})

it.each(['/', '/campaigns', '/recent', '/contact/889891911', '/status', '/coverage'])(
  'has its current name at %s',
  async (path) => {
    await store(buildEvent({ activityDateTime: new Date().toISOString() }))
    for (const zone of ['Europe/Kiev', 'Europe/Kyiv']) {
      const page = await (await visit(path, { zone })).text()
      expect(page).toContain('Kyiv time')
      expect(page).not.toMatch(/Europe\/K|Kiev/)
    }
  },
)
