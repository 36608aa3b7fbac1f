import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { readOptions } from './options.ts'
import { Account, type WebhookForm } from '../simulator/account.ts'
import { showStored } from './yespo/show-stored.ts'
import { explain, readTarget, TARGET_OPTIONS, TARGET_USAGE } from './yespo/target.ts'
import { readCounts, send } from '../simulator/transport.ts'

const USAGE = `Sends a test request like Yespo's "Send test", and shows what the receiver stored.

  npm run send-test -- [options]

  --file body.json         body to send, unchanged (Yespo's samples)${TARGET_USAGE}`

const SAMPLES = ['broadcast', 'triggered'].map((name) => ({
  name: `sample-${name}.json`,
  file: join(import.meta.dirname, `../simulator/samples/sample-${name}.json`),
}))

/** Response headers that help to understand a rejection. */
const SHOWN_HEADERS = ['WWW-Authenticate', 'Allow', 'Retry-After']

/** @returns how many events were accepted; undefined for any status but 200, Yespo's only success */
async function sendTest(
  name: string,
  body: Buffer,
  form: WebhookForm,
): Promise<number | undefined> {
  const shown: string[] = []
  const account = new Account(async (request) => {
    const response = await send(request)
    for (const header of SHOWN_HEADERS) {
      const value = response.headers.get(header)
      if (value !== null) shown.push(`  ${header}: ${value}`)
    }
    return response
  })
  const { banner, code, details } = await account.sendTest(form, body)
  if (banner === 'green') {
    console.log(styleText('green', `✔ ${name}: ${code} ${details}`))
    return readCounts(details).accepted
  }
  console.log(styleText('red', `✘ ${name}: ${code ?? 'no response'}`))
  console.log([...shown, details].join('\n'))
  return undefined
}

async function main(): Promise<boolean> {
  const values = readOptions({ ...TARGET_OPTIONS, file: { type: 'string' } }, USAGE)
  const { form, token } = readTarget(values)
  const files = values.file === undefined ? SAMPLES : [{ name: values.file, file: values.file }]
  const bodies = files.map(({ name, file }) => ({ name, body: readFileSync(file) }))
  let accepted = 0
  for (const { name, body } of bodies) {
    const count = await sendTest(name, body, form)
    if (count === undefined) return false
    accepted += count
  }
  if (accepted === 0) return true
  if (token === undefined) {
    console.log('Add --token to see what was stored.')
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
