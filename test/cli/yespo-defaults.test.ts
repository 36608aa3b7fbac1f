import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Checkout } from './checkout.ts'
import { credentials, KEY } from '../simulator/activity-reader.ts'
import { findStart, Period } from '../../src/simulator/period.ts'
import { makeTraffic } from '../../src/simulator/traffic.ts'

const MAX_ROWS = 1_000

type Event = Readonly<Record<string, unknown>>

let checkout: Checkout

beforeAll(() => {
  checkout = new Checkout()
})

afterAll(() => checkout.remove())

/** The events that `stream` sends to a webhook. */
async function stream(...args: string[]): Promise<Event[]> {
  const events: Event[] = []
  const webhook = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.method === 'POST') events.push(...(JSON.parse(body) as Event[]))
      response.end()
    })
  }).listen(0, 'localhost')
  await once(webhook, 'listening')
  const url = `http://localhost:${(webhook.address() as AddressInfo).port}/`
  const program = checkout.run('src/cli/yespo.ts', [...args, '--rate', '1000000', '--url', url])
  expect([await program.done, program.output]).toEqual([0, expect.anything()])
  webhook.close()
  return events
}

/** All events of `api`. */
async function readApi(...args: string[]): Promise<Event[]> {
  const program = checkout.run('src/cli/yespo.ts', [...args, '--key', KEY])
  await program.prints(/Ctrl-C stops it/)
  const [, from = '', to = ''] = / events from (\S+) to (\S+) /.exec(program.output) ?? []
  const [, url = ''] = /'(http.*)\?/.exec(program.output) ?? []
  const rows: Event[] = []
  for (let offset: unknown = ''; offset !== undefined;) {
    const query = new URLSearchParams({ dateFrom: from, dateTo: to, offset: String(offset) })
    const response = await fetch(`${url}?${query}`, { headers: credentials('any', KEY) })
    const page = (await response.json()) as Event[]
    rows.push(...page)
    offset = page.length === MAX_ROWS ? page.at(-1)?.['offset'] : undefined
  }
  await program.interrupt()
  return rows
}

const identify = ({ iid, contactId, activityStatus, activityDateTime }: Event) =>
  JSON.stringify([iid, contactId, activityStatus, activityDateTime])

it('makes stream and api agree about every event by default', async () => {
  const today = () => Math.floor(Date.now() / 86_400_000)
  let [sent, known]: [Event[], Event[]] = [[], []]
  for (let day = NaN; day !== today();) {
    day = today() // unless a day ends in between
    ;[sent, known] = await Promise.all([stream('stream'), readApi('api')])
  }
  expect(sent).toHaveLength(10_000)
  expect(known.map(identify).sort()).toEqual(sent.map(identify).sort())
})

it('says how to create the same events on another day', async () => {
  const program = checkout.run('src/cli/yespo.ts', ['api', '--key', KEY, '--events', '50'])
  await program.prints(/Ctrl-C stops it/)
  const [, args = ''] = /npm run yespo -- (stream .*)/.exec(program.output) ?? []
  await program.interrupt()
  const sent = await stream(...args.split(' '))
  const again = await readApi('api', ...args.split(' ').slice(1))
  expect(again.map(identify).sort()).toEqual(sent.map(identify).sort())
})

it.each([
  [1, 500],
  [7, 20],
])('ends the traffic of seed %i when the day starts', (seed, events) => {
  const period = new Period()
  const start = findStart(seed, events, Date.parse('2026-03-05T17:23:45.678Z'))
  for (const elements of makeTraffic({ seed, events, start, poison: 0.1 })) period.include(elements)
  expect(new Date(period.last).toISOString()).toBe('2026-03-05T00:00:00.000Z')
})
