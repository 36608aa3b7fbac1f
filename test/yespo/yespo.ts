import { parseArgs, styleText } from 'node:util'
import { Drive } from './drive.ts'
import { parseCount, parseShare, parseTime } from './numbers.ts'
import { serveApi } from './serve-api.ts'
import { explain, readTarget, TARGET_OPTIONS, TARGET_USAGE } from './target.ts'

const USAGE = `Does what Yespo does, to any receiver.

  npm run yespo -- send-test [options]     one test request; --help tells more
  npm run yespo -- stream [options]        traffic as of many campaigns, in order
  npm run yespo -- api --key KEY [options] Yespo's API with such traffic; --help tells more

  --events N               how many events (10000)
  --rate R                 events a second (500)
  --poison 1%              elements on top that can be no event (0%)
  --repeat 5%              requests sent again though they were taken (0%)
  --start TIME             when the first of them happened, such as 2026-11-01 (so that they end about now)
  --seed S                 the same seed makes the same traffic (1)${TARGET_USAGE}

A minute of Yespo's waiting lasts a second here. It gives up after 5 failures of one request.`

const OPTIONS = {
  ...TARGET_OPTIONS,
  events: { type: 'string', default: '10000' },
  rate: { type: 'string', default: '500' },
  poison: { type: 'string', default: '0%' },
  repeat: { type: 'string', default: '0%' },
  start: { type: 'string' },
  seed: { type: 'string', default: '1' },
} as const

const SPACING_MS = 26_000 // between events, on the average of all campaigns

/** @returns whether every request was taken in the end */
async function stream(args: string[]): Promise<boolean> {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help) {
    console.log(USAGE)
    return true
  }
  const events = parseCount(values.events)
  const drive = new Drive({
    events,
    rate: parseCount(values.rate),
    poison: parseShare(values.poison),
    repeat: parseShare(values.repeat),
    seed: parseCount(values.seed),
    start: values.start === undefined ? Date.now() - events * SPACING_MS : parseTime(values.start),
  })
  const refusal = await drive.run(readTarget(values).form)
  for (const [name, count] of Object.entries({ ...drive.counts, seconds: drive.seconds })) {
    const text = count.toLocaleString('en', { maximumFractionDigits: 1 })
    console.log(`${name.padEnd(12)}${text.padStart(12)}`)
  }
  if (refusal === undefined) console.log(styleText('green', '✔ everything was taken'))
  else console.log(styleText('red', `✘ given up: ${refusal.slice(0, 500)}`))
  return refusal === undefined
}

const [command, ...args] = process.argv.slice(2)
try {
  if (command === 'stream') process.exitCode = (await stream(args)) ? 0 : 1
  else if (command === 'api') await serveApi(args)
  else if (command === 'send-test') {
    process.argv.splice(2, 1) // the rest is for it
    await import('./send-test.ts')
  } else {
    console.log(USAGE)
    process.exitCode = command === undefined || command === '--help' ? 0 : 1
  }
} catch (error) {
  console.error(styleText('red', `✘ ${explain(error)}`))
  process.exitCode = 1
}
