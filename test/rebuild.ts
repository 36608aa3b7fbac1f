import { PARAMETERS } from '../src/event/parameters.ts'
import type { Responded } from './receiver.ts'

/** The element that Yespo sent, from an activity as the read API answers it. */
export function rebuild(activity: Responded): Record<string, unknown> {
  const known = PARAMETERS.filter(({ name }) => name in activity)
  // What stands in both came in another type, or was spelled otherwise.
  return {
    ...Object.fromEntries(known.map(({ name }) => [name, activity[name]])),
    ...activity.extra,
  }
}
