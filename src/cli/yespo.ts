import { styleText } from 'node:util'
import { parseCount, parseShare, readOptions } from './options.ts'
import { fail } from './wrangler.ts'
import { Drive } from './yespo/drive.ts'
import { serveApi } from './yespo/serve-api.ts'
import { explain, readTarget, TARGET_OPTIONS, TARGET_USAGE } from './yespo/target.ts'
import {
  describeTraffic,
  readTraffic,
  TRAFFIC_OPTIONS,
  TRAFFIC_USAGE,
} from './yespo/traffic-options.ts'

const USAGE = `Simulates Yespo against any receiver.

  npm run yespo -- send-test [options]      sends one test request; see its --help
  npm run yespo -- stream [options]         sends the traffic of many campaigns, in order
  npm run yespo -- api --key KEY [options]  serves Yespo's API with the same events; see its --help

Options of stream:${TRAFFIC_USAGE}
  --rate R                 events per second (500)
  --poison 1%              extra invalid items (0%)
  --repeat 5%              requests sent again although they were accepted (0%)${TARGET_USAGE}

Yespo's retry waits run 60 times faster. It gives up after 5 failures of one request.`

const OPTIONS = {
  ...TRAFFIC_OPTIONS,
  ...TARGET_OPTIONS,
  rate: { type: 'string', default: '500' },
  poison: { type: 'string', default: '0%' },
  repeat: { type: 'string', default: '0%' },
} as const

/** @returns whether every request was accepted in the end */
async function stream(args: string[]): Promise<boolean> {
  const values = readOptions(OPTIONS, USAGE, args)
  const rate = parseCount('--rate', values.rate)
  const poison = parseShare('--poison', values.poison)
  const repeat = parseShare('--repeat', values.repeat)
  const { form } = readTarget(values)
  const traffic = readTraffic(values)
  const drive = new Drive({ ...traffic, rate, poison, repeat })
  const rejection = await drive.run(form)
  for (const [name, count] of Object.entries({ ...drive.counts, seconds: drive.seconds })) {
    const text = count.toLocaleString('en', { maximumFractionDigits: 1 })
    console.log(`${name.padEnd(12)}${text.padStart(12)}`)
  }
  if (rejection !== undefined) {
    console.log(styleText('red', `✘ Gave up: ${rejection.slice(0, 500)}`))
    return false
  }
  console.log(`${styleText('green', '✔ All requests were accepted.')}

To serve Yespo's API with the same events:

  npm run yespo -- api --key KEY ${describeTraffic(traffic)}`)
  return true
}

const [command, ...args] = process.argv.slice(2)
try {
  if (command === 'stream') process.exitCode = (await stream(args)) ? 0 : 1
  else if (command === 'api') await serveApi(args)
  else if (command === 'send-test') {
    process.argv.splice(2, 1) // the rest is for it
    await import('./send-test.ts')
  } else if (command === undefined || command === '--help' || command === '-h') console.log(USAGE)
  else {
    const kind = command.startsWith('-') ? 'option' : 'command'
    fail(`Unknown ${kind} “${command}”.\n\n${USAGE}`)
  }
} catch (error) {
  console.error(styleText('red', `✘ ${explain(error)}`))
  process.exitCode = 1
}
