import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { readCredentials } from './credentials.ts'
import { fail } from './wrangler.ts'

const USAGE = `Counts anew what reports, contacts, deliveries and suppressions are answered from: once after an
upgrade from a version without them, or whenever you doubt it. Events may come in meanwhile.

  npm run recount -- [--url URL]

  --url URL   the receiver's address (http://localhost:8787); the token is OPERATE_TOKEN or, where
              there is none, READ_TOKEN: of the environment, or else of .dev.vars for this machine and
              of .deploy.vars for any other`

const LOCAL = ['localhost', '127.0.0.1', '[::1]']

const step = z.object({ events: z.number(), next: z.number().nullable() })

/** `npm run recount`: has the receiver take one step after the other. */
async function recount(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://localhost:8787' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  if (!URL.canParse(values.url) || !values.url.startsWith('http')) {
    fail(`${values.url} is no address; it looks like https://….workers.dev`)
  }
  const address = new URL('/recount', values.url)
  const file = LOCAL.includes(address.hostname) ? '.dev.vars' : '.deploy.vars'
  const token = chooseToken(process.env) ?? chooseToken(readCredentials(file) ?? {})
  if (!token) fail(`There is no OPERATE_TOKEN or READ_TOKEN in ${file}, and none is set.`)
  let counted = 0
  for (let next: number | null = null, isFirst = true; isFirst || next !== null; isFirst = false) {
    if (next !== null) address.searchParams.set('since', String(next))
    const answer = await takeStep(address, token)
    counted += answer.events
    next = answer.next
    console.log(`${counted.toLocaleString('en')} events counted`)
  }
}

/** Where there is a token that operates, the one that reads does not. */
function chooseToken(of: Readonly<Record<string, string | undefined>>): string | undefined {
  return of['OPERATE_TOKEN'] || of['READ_TOKEN'] || undefined
}

async function takeStep(address: URL, token: string): Promise<z.infer<typeof step>> {
  const init = { method: 'POST', headers: { Authorization: `Bearer ${token}` } }
  const response = await fetch(address, init).catch((error: unknown) => {
    return fail(
      `${address.origin} does not answer (${String(error)}). Does the receiver run there?`,
    )
  })
  const text = await response.text()
  if (response.status === 429) {
    console.log('The receiver asks for a pause …')
    await setTimeout(Number(response.headers.get('Retry-After') ?? 60) * 1000)
    return takeStep(address, token)
  }
  if (response.status !== 200) fail(`The receiver answered ${response.status}: ${text}`)
  return step.parse(JSON.parse(text))
}

await recount()
