import type { Reader } from './reader.ts'

const MAX_STEPS = 500

/** Programs that look after the receiver itself. */
export const CHECKS: readonly ((reader: Reader) => Promise<void>)[] = [
  readStatus,
  readQuarantine,
  checkErasures,
]

async function readStatus(reader: Reader): Promise<void> {
  const before = countErasures(reader)
  const answer = await reader.ask('/status')
  if (!answer) return
  const { erasures, now } = JSON.parse(answer.body) as {
    erasures: { underWay: number; finished: number }
    now: number
  }
  const shown = erasures.underWay + erasures.finished
  if (shown < before || shown > countErasures(reader))
    reader.fail(answer, `counts ${shown} erasures`)
  if (now < answer.began || now > answer.ended) reader.fail(answer, `is of ${now}`)
}

/** All pages of the quarantine: what is there all the time is in one of them, and nothing is there twice. */
async function readQuarantine(reader: Reader): Promise<void> {
  const before = listQuarantined(reader)
  const shown = new Set<string>()
  const limit = reader.random.pick([1, 10, 100])
  let cursor = ''
  for (let pages = 0; pages < MAX_STEPS; pages++) {
    const answer = await reader.ask(`/quarantine?limit=${limit}${cursor}`)
    if (!answer) return
    const { quarantine, next } = JSON.parse(answer.body) as {
      quarantine: { id: string }[]
      next: string | null
    }
    for (const { id } of quarantine) {
      if (shown.has(id)) reader.fail(answer, `has ${id} again`)
      shown.add(id)
    }
    if (next === null) {
      const [missing] = before.intersection(listQuarantined(reader)).difference(shown)
      if (missing !== undefined) reader.fail(answer, `lacks ${missing}`)
      return
    }
    cursor = `&cursor=${encodeURIComponent(next)}`
  }
}

/** Now and then has everything searched for what is left of those who were erased. */
async function checkErasures(reader: Reader): Promise<void> {
  if (!reader.random.chance(0.2)) return
  let next = ''
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const answer = await reader.ask(`/erasures/check${next}`)
    if (!answer) return
    const step = JSON.parse(answer.body) as {
      found: Record<string, number>
      underWay: number
      next: string | null
    }
    const found = Object.values(step.found).reduce((sum, count) => sum + count, 0)
    // What belongs to one that goes on, or went on a moment ago, may be found.
    if (step.underWay > 0 || countUnfinished(reader, answer.began) > 0) return
    if (found > 0) reader.fail(answer, `found ${JSON.stringify(step.found)}`)
    if (step.next === null) return
    next = `?next=${encodeURIComponent(step.next)}`
  }
}

/** @param since UTC milliseconds */
function countUnfinished({ simulation }: Reader, since: number): number {
  const sql = `SELECT count(*) AS erasures FROM erasures WHERE finishedAt IS NULL OR finishedAt >= ?`
  return Number(simulation.world.database.prepare(sql).get(since)?.['erasures'])
}

function countErasures({ simulation }: Reader): number {
  const sql = 'SELECT count(*) AS erasures FROM erasures'
  return Number(simulation.world.database.prepare(sql).get()?.['erasures'])
}

function listQuarantined({ simulation }: Reader): Set<string> {
  const sql = "SELECT DISTINCT request || '.' || elementIndex AS id FROM quarantine"
  const rows = simulation.world.database.prepare(sql).all()
  return new Set(rows.map(({ id }) => String(id)))
}
