import { MINUTE_MS } from '../../event/clock.ts'
import { PARAMETERS, UUIDS } from '../../event/parameters.ts'
import { CAMPAIGN_COLUMNS, isOfCampaign, quote, ROW_COLUMNS, type Cell } from '../columns.ts'
import type { NewRow } from './new-events.ts'

/** The columns of `activity` that come from a row of a message as they are. */
const PLAIN = [
  'activityDateTime',
  'extra',
  ...PARAMETERS.map(({ name }) => name).filter((name) => name !== 'activityDateTime'),
].filter((name) => !isOfCampaign(name))

const placeIn = (columns: readonly string[]) => (name: string) => columns.indexOf(name)
const placesOf = (names: readonly string[]) => names.map(placeIn(ROW_COLUMNS as readonly string[]))
const [CAMPAIGN_INDEXES, PLAIN_INDEXES, UUID_INDEXES] = [CAMPAIGN_COLUMNS, PLAIN, UUIDS].map(
  placesOf,
) as [number[], number[], number[]]
const [TIME] = placesOf(['activityDateTime'])

/** Rows as `INSERT_COLUMNS` reads them, and the keys of their campaigns, each once, to which they refer by its place. */
export class StoredRows {
  readonly #campaigns = new Map<string, number>()

  /** The keys of `campaigns`. */
  get campaigns(): readonly string[] {
    return [...this.#campaigns.keys()]
  }

  /** A row of a message: time, id, place of its campaign, its UUIDs, and then all else. */
  toStored(row: NewRow): Cell[] {
    const [occurredAt, id] = row
    const stored: Cell[] = [occurredAt, id, this.#placeOf(row)]
    const packed = new Set<number>()
    for (const place of UUID_INDEXES) {
      const uuid = packUuid(row[place])
      stored.push(uuid ?? null)
      if (uuid !== undefined) packed.add(place)
    }
    for (const place of PLAIN_INDEXES) {
      const cell = packed.has(place) ? null : (row[place] ?? null)
      stored.push(place === TIME ? packTime(cell, occurredAt) : cell)
    }
    while (stored.at(-1) === null) stored.pop()
    return stored
  }

  #placeOf(row: NewRow): number {
    const key = JSON.stringify(CAMPAIGN_INDEXES.map((place) => row[place] ?? null))
    const known = this.#campaigns.get(key)
    if (known !== undefined) return known
    const place = this.#campaigns.size
    this.#campaigns.set(key, place)
    return place
  }
}

const COLUMNS = ['occurredAt', 'id', 'campaign', ...PLAIN]
const FIRST_UUID = 3
const FIRST_PLAIN = FIRST_UUID + UUIDS.length

/** The columns of `activity` that `StoredRows` fills, and what they are filled with, in SQL. */
export const INSERT_COLUMNS = {
  names: COLUMNS.map(quote).join(', '),
  /** @param row a table with the row as `value`  @param campaign of a place, in SQL */
  values(row: string, campaign: (place: string) => string): string {
    const cell = (place: number) => `${row}.value ->> ${place}`
    const plain = PLAIN.map((name, index) => {
      const uuid = UUIDS.findIndex((each) => each === name)
      const sent = cell(FIRST_PLAIN + index)
      return uuid < 0 ? sent : `coalesce(unhex(${cell(FIRST_UUID + uuid)}), ${sent})`
    })
    return [cell(0), `unhex(${cell(1)})`, campaign(cell(2)), ...plain].join(', ')
  },
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/** The hexadecimal digits of a UUID in lower case; undefined for whatever else. */
export function packUuid(value: unknown): string | undefined {
  const isUuid = typeof value === 'string' && value.length === 36 && UUID.test(value)
  return isUuid ? value.replaceAll('-', '') : undefined
}

const WHOLE_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/

/** How many minutes a local time is ahead of UTC, if that and the moment are all it tells; else the text. */
function packTime(text: Cell, occurredAt: number): Cell {
  if (typeof text !== 'string' || !WHOLE_SECONDS.test(text)) return text
  const local = Date.parse(`${text}Z`)
  const minutes = (local - occurredAt) / MINUTE_MS
  // A time that does not exist may have been read as another one.
  const isExact = Number.isInteger(minutes) && new Date(local).toISOString().startsWith(text)
  return isExact ? minutes : text
}
