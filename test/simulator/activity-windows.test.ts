import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toCanonical } from '../../src/event/canonical-value.ts'
import { parseExactly } from '../../src/event/exact-number.ts'
import { ActivityApi } from '../../src/simulator/activity-api.ts'
import { makeEvent } from './activity-event.ts'
import { KEY, readAll } from './activity-reader.ts'
import { Random } from '../../src/simulator/random.ts'
import { makeTraffic, type Element } from '../../src/simulator/traffic.ts'

const SECOND = 1_000
const DAY = 86_400_000

/** The local time in a zone, computed differently from the simulator. */
function showTime(time: number, timeZone: string): string {
  return new Date(time).toLocaleString('sv-SE', { timeZone }).replace(' ', 'T')
}

/** The expected row for an element. */
function expectedOf({ bytes }: Element, timeZone: string): string {
  const {
    webpush: webPushToken,
    mobilepush: mobPushToken,
    statusData: _statusData,
    activityDateTime,
    ...rest
  } = parseExactly(bytes.toString()) as Record<string, unknown>
  const row = {
    ...rest,
    activityDateTime: showTime(Date.parse(`${activityDateTime}Z`), timeZone),
    ...(webPushToken !== undefined && { webPushToken }),
    ...(mobPushToken !== undefined && { mobPushToken }),
  }
  return JSON.stringify(toCanonical(row))
}

describe('reading ranges, halved when full, down to a second', () => {
  const zones = ['UTC', 'Europe/Kyiv', 'Asia/Kathmandu', 'America/St_Johns']
  // Kyiv's clocks go back at 01:00 UTC, so one hour occurs twice.
  const begin = Date.UTC(2026, 9, 25)
  const whole = { from: begin - DAY, to: begin + 2 * DAY }

  it('returns exactly the recorded events, including equal ones', async () => {
    const happenings = fc.array(
      fc.record({
        second: fc.nat(3 * 3_600),
        same: fc.nat(1),
        copies: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 80 },
    )
    const check = async (
      list: { second: number; same: number; copies: number }[],
      zone: string,
    ) => {
      const elements = list.flatMap(({ second, same, copies }) =>
        Array.from({ length: copies }, () => makeEvent(begin + second * SECOND, { iid: same })),
      )
      const api = new ActivityApi({ apiKey: KEY, timeZone: zone, random: new Random(1) })
      api.record(elements)
      const times = elements.map(({ bytes }) => expectedOf({ bytes, isPoison: false }, zone))
      const perSecond = Object.values(Object.groupBy(times, (text) => text.slice(0, 50)))
      const maxrows = 1 + Math.max(1, ...perSecond.map((group) => group?.length ?? 0))
      expect(await readAll(api, whole, { maxrows })).toEqual(times.sort())
    }
    await fc.assert(fc.asyncProperty(happenings, fc.constantFrom(...zones), check))
  })

  it.each(zones)(
    'returns exactly the traffic of campaigns in %s, digit for digit',
    async (zone) => {
      const api = new ActivityApi({ apiKey: KEY, timeZone: zone, random: new Random(1) })
      const elements = [
        ...makeTraffic({ seed: 3, events: 6_000, poison: 0.02, start: begin }),
      ].flat()
      api.record(elements)
      const expected = elements.filter(({ isPoison }) => !isPoison)
      const wide = { from: begin - DAY, to: begin + 30 * DAY }
      expect(await readAll(api, wide, { maxrows: 200 })).toEqual(
        expected.map((element) => expectedOf(element, zone)).sort(),
      )
    },
  )
})
