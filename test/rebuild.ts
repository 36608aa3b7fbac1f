import { PARAMETERS } from '../src/event/parameters.ts'
import type { Responded } from './receiver.ts'

/** Rebuilds the element that Yespo sent from an event of the read API. */
export function rebuild(activity: Responded): Record<string, unknown> {
  const known = PARAMETERS.filter(({ name }) => name in activity)
  // A parameter that is in both was sent in another type or spelling.
  return {
    ...Object.fromEntries(known.map(({ name }) => [name, activity[name]])),
    ...activity.extra,
  }
}
