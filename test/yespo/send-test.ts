import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { readOptions } from '../../src/cli/options.ts'
import { Account, type WebhookForm } from './account.ts'
import { showStored } from './show-stored.ts'
import { readTaken } from './taken.ts'
import { explain, readTarget, TARGET_OPTIONS, TARGET_USAGE } from './target.ts'
import { send } from './transport.ts'

const USAGE = `Sends a test request as Yespo's "Send test" does, and shows what came of it.

  npm run send-test -- [options]

  --file body.json         what to send, byte for byte (Yespo's samples)${TARGET_USAGE}`

const SAMPLES = ['broadcast', 'triggered'].map((name) => ({
  name: `sample-${name}.json`,
  file: join(import.meta.dirname, `../samples/sample-${name}.json`),
}))

/** The headers of an answer that help a person understand a refusal. */
const TELLING_HEADERS = ['WWW-Authenticate', 'Allow', 'Retry-After']

/** @returns how many events were taken; undefined for any answer but 200, Yespo's only success */
async function press(name: string, body: Buffer, form: WebhookForm): Promise<number | undefined> {
  const told: string[] = []
  const account = new Account(async (request) => {
    const answer = await send(request)
    for (const header of TELLING_HEADERS) {
      const value = answer.headers.get(header)
      if (value !== null) told.push(`  ${header}: ${value}`)
    }
    return answer
  })
  const { banner, code, details } = await account.sendTest(form, body)
  if (banner === 'green') {
    console.log(styleText('green', `✔ ${name}: ${code} ${details}`))
    return readTaken(details).accepted
  }
  console.log(styleText('red', `✘ ${name}: ${code ?? 'no answer'}`))
  console.log([...told, details].join('\n'))
  return undefined
}

async function main(): Promise<boolean> {
  const values = readOptions({ ...TARGET_OPTIONS, file: { type: 'string' } }, USAGE)
  const { form, token } = readTarget(values)
  const files = values.file === undefined ? SAMPLES : [{ name: values.file, file: values.file }]
  const bodies = files.map(({ name, file }) => ({ name, body: readFileSync(file) }))
  let accepted = 0
  for (const { name, body } of bodies) {
    const taken = await press(name, body, form)
    if (taken === undefined) return false
    accepted += taken
  }
  if (accepted === 0) return true
  if (token === undefined) {
    console.log('Give --token to see what was stored.')
    return true
  }
  const sent = bodies.map(({ body }) => body)
  return showStored(form.url, token, sent, accepted)
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(styleText('red', `✘ ${explain(error)}`))
  process.exitCode = 1
}
