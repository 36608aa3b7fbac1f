import * as z from 'zod'

/** Campaigns that are looked at; the newest have every channel that is in use. */
const MAX_CAMPAIGNS = 300

/** More than these are no list to choose from. */
const MAX_CHANNELS = 30

const channelNames = z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text)))

/** The channels that the newest campaigns went by, each in one spelling. */
export async function listChannels(db: D1Database): Promise<string[]> {
  // As one value: a DISTINCT of rows would be billed as reading them twice.
  const found = await db
    .prepare(
      `SELECT json_group_array(DISTINCT mediaType) AS channels FROM (
         SELECT mediaType FROM campaigns ORDER BY campaign DESC LIMIT ${MAX_CAMPAIGNS}
       ) WHERE mediaType <> ''`,
    )
    .first('channels')
  return channelNames.parse(found).sort().slice(0, MAX_CHANNELS)
}
