import { channelOf } from './channels.ts'
import { INTEGERS, quote } from './columns.ts'
import { FRESH_EVENTS, type Source } from './fresh.ts'

/** The columns of `campaigns`, in the order in which its key has them. */
export const CAMPAIGN_COLUMNS = [
  'mediaType',
  'messageId',
  'messageName',
  'messageTag',
  'broadcastId',
  'workflowId',
  'from',
] as const

/** Characters that are kept: a longer text is none of Yespo's, and a copy of it could be more than a row may hold. */
export const MAX_TEXT = 2_000

const campaignColumns = (table: string) =>
  CAMPAIGN_COLUMNS.map((column) => {
    const own = `${table}.${quote(column)}`
    const place = column === 'mediaType' ? channelOf(own) : own
    return INTEGERS.has(column) ? place : `substr(${place}, 1, ${MAX_TEXT})`
  }).join(', ')

/** What tells campaigns apart, from an event's columns. */
export const campaignKey = (table: string) => `json_array(${campaignColumns(table)})`

/** Gives each campaign that is new its row. */
export function insertCampaigns(source: Source): string {
  const columns = CAMPAIGN_COLUMNS.map(quote)
  return `
    WITH ${source}
    INSERT INTO campaigns (key, ${columns.join(', ')})
    SELECT DISTINCT ${campaignKey('event')}, ${campaignColumns('event')}
    FROM ${FRESH_EVENTS}
    WHERE true
    ON CONFLICT (key) DO NOTHING`
}
