import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { isTimeZone } from '../event/time-zone.ts'
import { readSettings } from '../settings/settings.ts'
import { clockOf, type Clock } from './format.ts'

/** The context of a page's handler. */
export type PageContext = Context<{ Bindings: Env }>

/** The viewer's clock: the page's script sets the zone as a cookie; until then it is Yespo's zone. */
export function viewerClock(context: PageContext): Clock {
  const zone = getCookie(context, 'zone') ?? ''
  const isValid = /^[\w+\-/]{1,60}$/.test(zone) && isTimeZone(zone)
  return clockOf(isValid ? zone : readSettings(context.env).timeZone)
}
