import { Asker } from './ask.ts'
import type { Question } from './question.ts'
import type { Filled } from './receiver.ts'

/** How a question was answered. */
export type Answer = {
  question: Question
  /** What is wrong with it; undefined if it is right. */
  error: string | undefined
  /** Milliseconds of a call. */
  p50: number
  p95: number
  /** Rows read, of the call that read most. */
  rowsRead: number
}

const REPEATS = 5
/** An export, which streams and has no limit of time. */
const IS_EXPORT = /\.(?:csv|ndjson|parquet)\?|\/data$/

/** Asks a question, compares the answer with the truth, and repeats its calls to measure them. */
export async function run(question: Question, filled: Filled, repeats = REPEATS): Promise<Answer> {
  const asker = new Asker(filled)
  let error: string | undefined
  try {
    await question.check({ asker, filled })
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown)
  }
  const paths = asker.calls.map(({ path }) => path).filter((path) => !IS_EXPORT.test(path))
  for (let round = 0; round < repeats; round++) {
    for (const path of paths) await asker.text(path)
  }
  const calls = asker.calls.filter(({ path }) => !IS_EXPORT.test(path))
  const times = calls.map(({ ms }) => ms).sort((a, b) => a - b)
  const percentile = (share: number) => times[Math.ceil(times.length * share) - 1] ?? NaN
  const rowsRead = Math.max(0, ...calls.map((call) => call.rowsRead))
  return { question, error, p50: percentile(0.5), p95: percentile(0.95), rowsRead }
}
