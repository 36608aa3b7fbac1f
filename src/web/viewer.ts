import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { isTimeZone } from '../event/clock.ts'
import { readSettings } from '../settings/settings.ts'
import { clockOf, type Clock } from './format.ts'

/** The clock of whoever looks: their script tells it by a cookie; until then it is Yespo's. */
export function viewerClock(context: Context<{ Bindings: Env }>): Clock {
  const zone = getCookie(context, 'zone') ?? ''
  const isKnown = /^[\w+\-/]{1,60}$/.test(zone) && isTimeZone(zone)
  return clockOf(isKnown ? zone : readSettings(context.env).timeZone)
}
