// Asks all questions of a million events, and writes the answers to the manual: `npm run questions`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCount, readOptions } from '../../src/cli/options.ts'
import { QUESTIONS } from './questions.ts'
import { ERASURE } from './support.ts'
import { fillReceiver } from './receiver.ts'
import { run, type Answer } from './run.ts'

const USAGE = `Asks a receiver with a million simulated events all questions, and compares the answers with the truth.
Takes some ten minutes, and writes its table to test/questions/README.md.

  npm run questions -- [options]

  --events 1000000   how many events
  --days 365         of how many days; the older half is archived`

const OPTIONS = {
  events: { type: 'string', default: '1000000' },
  days: { type: 'string', default: '365' },
} as const

const MANUAL = join(import.meta.dirname, 'README.md')
const START = '<!-- answers -->'
const END = '<!-- end -->'

const values = readOptions(OPTIONS, USAGE)
const size = {
  events: parseCount('--events', values.events),
  days: parseCount('--days', values.days),
}
const filled = await fillReceiver(size)
try {
  const answers: Answer[] = []
  for (const question of QUESTIONS) {
    const answer = await run(question, filled, question === ERASURE ? 0 : undefined)
    answers.push(answer)
    console.log(`${question.id} ${answer.error ?? 'right'}`)
  }
  write(answers, filled.truth.events.length)
  if (answers.some(({ error }) => error !== undefined)) process.exitCode = 1
} finally {
  await filled.close()
}

/** Writes the table to the manual. */
function write(answers: readonly Answer[], events: number): void {
  const lines = answers
    .toSorted((a, b) => numberOf(a) - numberOf(b))
    .map(({ question: { id, text }, error, p50, p95, rowsRead }) => {
      const outcome = error === undefined ? 'right' : 'wrong'
      const ms = (time: number) => (Number.isNaN(time) ? '' : String(Math.round(time)))
      return `| ${id} | ${text} | ${outcome} | ${ms(p50)} | ${ms(p95)} | ${rowsRead.toLocaleString('en')} |`
    })
  const right = answers.filter(({ error }) => error === undefined).length
  const table = [
    `${right} of ${answers.length} right, of ${events.toLocaleString('en')} events of ${size.days} days:`,
    '',
    '| | question | answer | p50 ms | p95 ms | rows read, most |',
    '| --- | --- | --- | --: | --: | --: |',
    ...lines,
  ]
  const manual = readFileSync(MANUAL, 'utf8')
  const [before, rest = ''] = manual.split(START)
  const [, after = ''] = rest.split(END)
  writeFileSync(MANUAL, `${before}${START}\n\n${table.join('\n')}\n\n${END}${after}`)
}

function numberOf({ question: { id } }: Answer): number {
  return Number(id.slice(1))
}
