/** Campaigns that are looked at; the newest have every channel that is in use. */
const MOST_CAMPAIGNS = 300

/** The channels that the newest campaigns went by, as Yespo spells them. */
export async function listChannels(db: D1Database): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT DISTINCT mediaType FROM (
         SELECT mediaType FROM campaigns ORDER BY campaign DESC LIMIT ${MOST_CAMPAIGNS}
       ) WHERE mediaType <> '' ORDER BY mediaType LIMIT 30`,
    )
    .all<{ mediaType: string }>()
  return results.map(({ mediaType }) => mediaType)
}
