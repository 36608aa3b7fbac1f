import { MINUTE_MS } from '../../event/clock.ts'
import { PARAMETERS, UUIDS } from '../../event/parameters.ts'
import { CAMPAIGN_COLUMNS, isOfCampaign, quote, ROW_COLUMNS, type Cell } from '../columns.ts'
import type { Row } from './open-message.ts'

const RANDOM_BITS = 20 // leaves room for times until the year 2248

/**
 * A write id, which marks the rows that a transaction stores (`activity.writeId`): a unique number that begins with its
 * time of creation. In decimal digits, since it has 63 bits.
 *
 * @param now UTC milliseconds
 */
export function makeWriteId(now = Date.now()): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  return String((BigInt(now) << BigInt(RANDOM_BITS)) | BigInt(random >>> (32 - RANDOM_BITS)))
}

/** When the transaction of a row began, in SQL: UTC milliseconds. */
export const STORED_AT = `(writeId >> ${RANDOM_BITS})`

/** The columns of `activity` that are the same in a row of a message. */
const PLAIN = [
  'activityDateTime',
  'extra',
  ...PARAMETERS.map(({ name }) => name).filter((name) => name !== 'activityDateTime'),
].filter((name) => !isOfCampaign(name))

const indexesOf = (names: readonly string[]) =>
  names.map((name) => ROW_COLUMNS.findIndex((column) => column === name))
const CAMPAIGN_INDEXES = indexesOf(CAMPAIGN_COLUMNS)
const PLAIN_INDEXES = indexesOf(PLAIN)
const UUID_INDEXES = indexesOf(UUIDS)
const [TIME] = indexesOf(['activityDateTime'])

/** Rows as `INSERT_COLUMNS` reads them, and the distinct keys of their campaigns, to which rows refer by index. */
export class StoredRows {
  readonly #campaigns = new Map<string, number>()

  /** The keys of `campaigns`. */
  get campaigns(): readonly string[] {
    return [...this.#campaigns.keys()]
  }

  /** A row of a message: time, id, index of its campaign, UUIDs, and then all other columns. */
  toStored(row: Row): Cell[] {
    const [occurredAt, id] = row
    const stored: Cell[] = [occurredAt, id, this.#campaignOf(row)]
    const packed = new Set<number>()
    for (const index of UUID_INDEXES) {
      const uuid = packUuid(row[index])
      stored.push(uuid ?? null)
      if (uuid !== undefined) packed.add(index)
    }
    for (const index of PLAIN_INDEXES) {
      const cell = packed.has(index) ? null : (row[index] ?? null)
      stored.push(index === TIME ? packTime(cell, occurredAt) : cell)
    }
    while (stored.at(-1) === null) stored.pop()
    return stored
  }

  #campaignOf(row: Row): number {
    const key = JSON.stringify(CAMPAIGN_INDEXES.map((index) => row[index] ?? null))
    const known = this.#campaigns.get(key)
    if (known !== undefined) return known
    const index = this.#campaigns.size
    this.#campaigns.set(key, index)
    return index
  }
}

const CAMPAIGN_NAMES = CAMPAIGN_COLUMNS.map(quote)

/** Inserts each new campaign. Binds ?1, the JSON of `StoredRows.campaigns`. */
export const INSERT_CAMPAIGNS = `
  INSERT INTO campaigns (key, ${CAMPAIGN_NAMES.join(', ')})
  SELECT input.value, ${CAMPAIGN_NAMES.map((_, index) => `input.value ->> ${index}`).join(', ')}
  FROM json_each(?1) AS input
  WHERE true
  ON CONFLICT (key) DO NOTHING`

const COLUMNS = ['occurredAt', 'id', 'campaign', ...PLAIN]
const FIRST_UUID = 3
const FIRST_PLAIN = FIRST_UUID + UUIDS.length

/** The columns of `activity` that `StoredRows` fills, and their values, in SQL. */
export const INSERT_COLUMNS = {
  names: COLUMNS.map(quote).join(', '),
  /** @param row a table with the row as `value`  @param campaign by its index, in SQL */
  values(row: string, campaign: (index: string) => string): string {
    const cell = (index: number) => `${row}.value ->> ${index}`
    const plain = PLAIN.map((name, index) => {
      const uuid = UUIDS.findIndex((each) => each === name)
      const sent = cell(FIRST_PLAIN + index)
      return uuid < 0 ? sent : `coalesce(unhex(${cell(FIRST_UUID + uuid)}), ${sent})`
    })
    return [cell(0), `unhex(${cell(1)})`, campaign(cell(2)), ...plain].join(', ')
  },
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/** The hexadecimal digits of a UUID in lower case; undefined for anything else. */
export function packUuid(value: unknown): string | undefined {
  const isUuid = typeof value === 'string' && value.length === 36 && UUID.test(value)
  return isUuid ? value.replaceAll('-', '') : undefined
}

const WHOLE_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/

/** The minutes that a local time is ahead of UTC, if they and the moment determine the text; otherwise the text. */
function packTime(text: Cell, occurredAt: number): Cell {
  if (typeof text !== 'string' || !WHOLE_SECONDS.test(text)) return text
  const local = Date.parse(`${text}Z`)
  const minutes = (local - occurredAt) / MINUTE_MS
  // A time that does not exist may have been read as a different one.
  const isExact = Number.isInteger(minutes) && new Date(local).toISOString().startsWith(text)
  return isExact ? minutes : text
}
