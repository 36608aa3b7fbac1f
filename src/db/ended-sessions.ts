/** Whether a session was ended by signing out. */
export async function hasEnded(db: D1Database, session: string): Promise<boolean> {
  const row = await db
    .prepare('SELECT 1 FROM ended_sessions WHERE session = ?')
    .bind(session)
    .first()
  return row !== null
}

/**
 * Ends a session in every browser that has its cookie, and deletes those that have expired.
 *
 * @param expiresAt when it would have expired: UTC milliseconds
 */
export async function endSession(
  db: D1Database,
  session: string,
  expiresAt: number,
  now: number,
): Promise<void> {
  await db.batch([
    db
      .prepare(
        'INSERT INTO ended_sessions (session, expiresAt) VALUES (?, ?) ON CONFLICT DO NOTHING',
      )
      .bind(session, expiresAt),
    db.prepare('DELETE FROM ended_sessions WHERE expiresAt < ?').bind(now),
  ])
}
