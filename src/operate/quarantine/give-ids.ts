import type { Activity } from '../../activity/normalize.ts'
import type { Undecided } from '../../receive/prepare.ts'
import { contentOf, placeName, readContents } from '../../store/quarantine-twins.ts'

/** An event of a request, which it was set aside from. */
export type Waiting = Undecided & { request: string }

/**
 * Gives events their ids, in their order. One that is stored already, or comes from two requests, gets
 * the id that it has; any other gets the first one that no stored event has, so that events which share
 * all that makes an event, and say different things, are all kept.
 *
 * @returns an activity for each event
 */
export async function giveIds(db: D1Database, events: readonly Waiting[]): Promise<Activity[]> {
  const given = new Map<Waiting, Activity>()
  const contents = new Map<string, string>()
  let groups = [...Map.groupBy(events, ({ activity }) => placeName(activity)).values()]
  for (let factor = 1; groups.length > 0; factor *= 2) {
    const spans = groups.map((group) => ({ group, places: listPlaces(group, factor) }))
    const unknown = spans
      .flatMap(({ places }) => places)
      .filter((at) => !contents.has(placeName(at)))
    for (const [name, content] of await readContents(db, unknown)) contents.set(name, content)
    groups = spans.flatMap(({ group, places }) => {
      const free = places.filter((place) => !contents.has(placeName(place)))
      if (free.length < group.length) return [group]
      settle(group, places, contents, given)
      return []
    })
  }
  return events.map((event) => given.get(event) ?? event.activity)
}

type Place = Pick<Activity, 'occurredAt' | 'id'>

/** The places that events of one identity may have, from the first; more with each look. */
function listPlaces(group: readonly Waiting[], factor: number): Place[] {
  const [first] = group
  if (!first) return []
  const { occurredAt } = first.activity
  const length = (group.length + 1) * factor
  return Array.from({ length }, (_, ordinal) => ({ occurredAt, id: first.idAt(ordinal) }))
}

/** Events of one request are never one; of several, those that say the same are. */
function settle(
  group: readonly Waiting[],
  places: readonly Place[],
  contents: Map<string, string>,
  given: Map<Waiting, Activity>,
): void {
  for (const [, events] of Map.groupBy(group, ({ request }) => request)) {
    const open = Map.groupBy(places, (place) => contents.get(placeName(place)))
    for (const lists of open.values()) lists.reverse() // so that the first is the last, to be taken
    const fresh = events.filter((event) => {
      const place = open.get(contentOf(event.activity))?.pop()
      if (place) given.set(event, { ...event.activity, id: place.id })
      return !place
    })
    for (const event of fresh) {
      const place = open.get(undefined)?.pop() ?? event.activity
      given.set(event, { ...event.activity, id: place.id })
      contents.set(placeName(place), contentOf(event.activity))
    }
  }
}
