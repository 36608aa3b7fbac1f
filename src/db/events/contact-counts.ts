/** Events that are counted: who has more is no person. */
export const MAX_CONTACT_EVENTS = 10_000

/** How many events of each status a contact has. @param contactId decimal digits */
export async function countContactEvents(
  db: D1Database,
  contactId: string,
): Promise<{ activityStatus: string; events: number }[]> {
  const { results } = await db
    .prepare(
      `SELECT activityStatus, count(*) AS events FROM (
         SELECT activityStatus FROM activity INDEXED BY activity_by_contact
         WHERE contactId = CAST(? AS INTEGER) LIMIT ${MAX_CONTACT_EVENTS}
       ) GROUP BY activityStatus ORDER BY events DESC, activityStatus`,
    )
    .bind(contactId)
    .all<{ activityStatus: string; events: number }>()
  return results
}

/** Whether a contact has any event. @param contactId decimal digits */
export async function hasContactEvents(db: D1Database, contactId: string): Promise<boolean> {
  const sql = `
    SELECT 1 FROM activity INDEXED BY activity_by_contact WHERE contactId = CAST(? AS INTEGER) LIMIT 1`
  return (await db.prepare(sql).bind(contactId).first()) !== null
}
