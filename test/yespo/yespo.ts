import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs, styleText } from 'node:util'
import { Account, type Transport } from './account.ts'
import { showProgress } from './progress.ts'
import { Random } from './random.ts'
import { explain, readTarget, TARGET_OPTIONS, TARGET_USAGE } from './target.ts'
import { makeTraffic } from './traffic.ts'
import { send } from './transport.ts'

const USAGE = `Does what Yespo does, to any receiver.

  npm run yespo -- send-test [options]     one test request; --help tells more
  npm run yespo -- stream [options]        traffic as of many campaigns, in order

  --events N               how many events (10000)
  --rate R                 events a second (500)
  --poison 1%              elements on top that can be no event (0%)
  --repeat 5%              requests sent again though they were taken (0%)
  --seed S                 the same seed makes the same traffic (1)${TARGET_USAGE}

A minute of Yespo's waiting lasts a second here. It gives up after 5 failures of one request.`

const HASTE = 60
const MAX_FAILURES = 5

const OPTIONS = {
  ...TARGET_OPTIONS,
  events: { type: 'string', default: '10000' },
  rate: { type: 'string', default: '500' },
  poison: { type: 'string', default: '0%' },
  repeat: { type: 'string', default: '0%' },
  seed: { type: 'string', default: '1' },
} as const

/** `5%` or `0.05`. */
function parseShare(text: string): number {
  const share = Number.parseFloat(text) / (text.endsWith('%') ? 100 : 1)
  if (!(share >= 0 && share <= 1)) throw new Error(`${text} is not a share such as 5%`)
  return share
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!(Number.isFinite(count) && count > 0)) throw new Error(`${text} is not a number above 0`)
  return count
}

/** @returns whether every request was taken in the end */
async function stream(args: string[]): Promise<boolean> {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help) {
    console.log(USAGE)
    return true
  }
  const [events, rate, seed] = [values.events, values.rate, values.seed].map(parseCount) as [
    number,
    number,
    number,
  ]
  const [poison, repeat] = [parseShare(values.poison), parseShare(values.repeat)]
  const random = new Random(seed + 1)
  const counts = { requests: 0, repeats: 0, events: 0, poison: 0, accepted: 0, setAside: 0 }
  let lastAnswer = 'no answer'
  const transport: Transport = async (request) => {
    const answer = await send(request)
    if (request.method === 'GET') return answer
    lastAnswer = `${answer.status} ${answer.body}`
    if (answer.status === 200 && random.chance(repeat)) throw new Error('the answer was lost')
    return answer
  }
  const account = new Account(transport)
  const webhook = await account.create(readTarget(values).form)
  const begun = performance.now()
  let failures = 0
  for (const elements of makeTraffic({ seed, events, poison, start: Date.now() })) {
    account.emit(elements)
    counts.events += elements.filter(({ isPoison }) => !isPoison).length
    counts.poison += elements.filter(({ isPoison }) => isPoison).length
    while (webhook.stream.head) {
      account.now = (performance.now() - begun) * HASTE
      await wait(Math.max(0, (webhook.stream.nextAttemptAt - account.now) / HASTE))
      account.now = (performance.now() - begun) * HASTE
      const { isTaken, status } = await account.attempt(webhook)
      counts.requests++
      if (isTaken) failures = 0
      else {
        counts.repeats++
        failures++
        if (status !== undefined) console.log(styleText('red', `\n✘ ${lastAnswer.slice(0, 300)}`))
        if (failures === MAX_FAILURES) return report(counts, begun, false)
        continue
      }
      const { accepted = 0, quarantined = [] } = parseAnswer(lastAnswer)
      counts.accepted += accepted
      counts.setAside += quarantined.length
    }
    showProgress('sent', counts.events, events)
    await wait(Math.max(0, (counts.events / rate) * 1_000 - (performance.now() - begun)))
  }
  return report(counts, begun, true)
}

function parseAnswer(answer: string): { accepted?: number; quarantined?: unknown[] } {
  try {
    return JSON.parse(answer.slice(4)) as { accepted?: number; quarantined?: unknown[] }
  } catch {
    return {} // another receiver's, which only has to be 200
  }
}

function report(
  counts: Readonly<Record<string, number>>,
  begun: number,
  isWhole: boolean,
): boolean {
  const seconds = (performance.now() - begun) / 1_000
  for (const [name, count] of Object.entries(counts)) {
    console.log(`${name.padEnd(12)}${count.toLocaleString('en').padStart(12)}`)
  }
  console.log(`${'seconds'.padEnd(12)}${seconds.toFixed(1).padStart(12)}`)
  const [color, text] = isWhole
    ? (['green', '✔ everything was taken'] as const)
    : (['red', '✘ given up'] as const)
  console.log(styleText(color, text))
  return isWhole
}

const [command, ...args] = process.argv.slice(2)
try {
  if (command === 'stream') process.exitCode = (await stream(args)) ? 0 : 1
  else if (command === 'send-test') {
    process.argv.splice(2, 1)
    await import('./send-test.ts')
  } else {
    console.log(USAGE)
    process.exitCode = command === undefined || command === '--help' ? 0 : 1
  }
} catch (error) {
  console.error(styleText('red', `✘ ${explain(error)}`))
  process.exitCode = 1
}
