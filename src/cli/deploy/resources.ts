import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import * as z from 'zod'
import { createBuckets } from './buckets.ts'
import { explainConsumer, failAt } from './cloudflare-errors.ts'
import { listQueues, runWith, type Config } from '../config.ts'
import { fail } from '../wrangler.ts'

const NONE = ['null', 'default']

const databases = z.array(z.object({ name: z.string(), jurisdiction: z.string().nullish() }))

/**
 * Creates what the configuration names and the account does not have: the database, the queues and the bucket.
 * Ends the program if that fails, or if something is there that cannot be used.
 */
export async function createResources(config: Config): Promise<void> {
  const [known, queues] = await Promise.all([listDatabases(config), listMissingQueues(config)])
  const names = config.d1_databases.flatMap(({ database_name: name, database_id: id }) => {
    return id === undefined && name !== undefined ? name : []
  })
  for (const name of names) {
    if (known.has(name)) checkItemCursor(config, `database ${name}`, known.get(name))
  }
  const missing = names.filter((name) => !known.has(name))
  if (missing.length > 0) await confirmKey(config)
  const failure = (what: string) => `Nothing was deployed: the ${what} cannot be created.`
  for (const name of missing) {
    console.log(`Creating the database ${name} …`)
    const creation = await runWith(config, 'd1', 'create', name, ...placeOf(config))
    if (!creation.ok) failAt(failure(`database ${name}`), creation)
  }
  for (const name of queues) {
    console.log(`Creating the queue ${name} …`)
    const creation = await runWith(config, 'queues', 'create', name, ...placeOf(config))
    if (!creation.ok) failAt(failure(`queue ${name}`), creation)
  }
  await createBuckets(config)
}

/** The databases of the account, by name, each with its jurisdiction. */
async function listDatabases(config: Config): Promise<Map<string, string | null | undefined>> {
  const listing = await runWith(config, 'd1', 'list', '--json')
  if (!listing.ok) {
    failAt('Nothing was deployed: the databases of the account cannot be listed.', listing)
  }
  const found = databases.parse(JSON.parse(listing.stdout))
  return new Map(found.map(({ name, jurisdiction }) => [name, jurisdiction]))
}

/** The queues that are not there yet; ends the program if one is there that cannot be used. */
async function listMissingQueues(config: Config): Promise<string[]> {
  const names = listQueues(config)
  const looks = await Promise.all(names.map((name) => runWith(config, 'queues', 'info', name)))
  return names.filter((name, place) => {
    const { ok, stdout, stderr } = looks[place] ?? { ok: false, stdout: '', stderr: '' }
    if (ok) {
      checkItemCursor(config, `queue ${name}`, /^Jurisdiction: (\S+)$/m.exec(stdout)?.[1])
      checkConsumer(config, name, stdout)
    } else if (!/does not exist/.test(stderr)) {
      failAt(`Nothing was deployed: the queue ${name} cannot be looked up.`, { ok, stdout, stderr })
    }
    return !ok
  })
}

/** A second consumer would be refused, but only after the code is in force and has sent to the queue. */
function checkConsumer(config: Config, queue: string, info: string): void {
  const [, list = ''] = /^Consumers: (.*)$/m.exec(info) ?? []
  const own = ['', 'worker:undefined', `worker:${config.name}`]
  const other = list.split(',').find((each) => !own.includes(each.trim()))
  if (other === undefined) return
  fail(`Nothing was deployed. ${explainConsumer(queue, /worker:(\S+)/.exec(other)?.[1])}`)
}

function placeOf({ vars: { JURISDICTION: place } }: Config): string[] {
  return place === '' ? [] : ['--jurisdiction', place]
}

/** The choice is made once: a person is asked before it is. */
async function confirmKey({ file, vars: { JURISDICTION: place } }: Config): Promise<void> {
  const where = place === '' ? 'wherever Cloudflare finds best' : `in the jurisdiction ${place}`
  const change = `JURISDICTION in ${file}${place === '' ? ', such as "eu" for the European Union' : ''}`
  console.log(`The database and the queues will be created ${where}.
This can never be changed later; to change it now, set ${change}.`)
  if (!process.stdin.isTTY || process.env['CI']) return
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const left = once(terminal, 'close').then(() => 'no') // by Ctrl-D
  const answered = terminal.question('Create them? [Y/n] ').catch(() => 'no') // by Ctrl-C
  const answer = await Promise.race([answered, left])
  terminal.close()
  if (/^\s*n/i.test(answer)) fail('\nNothing was created or deployed.')
}

/** @param told the jurisdiction of what is there; null for none, undefined where Cloudflare does not tell */
function checkItemCursor(config: Config, what: string, told: string | null | undefined): void {
  const place = config.vars.JURISDICTION
  const found = told !== undefined && NONE.includes(told ?? 'null') ? null : told
  if ((found ?? '') === place) return
  const way = `Where it is kept can never be changed: set JURISDICTION = "${found ?? ''}" in ${config.file}, or give it
another name there, and a new, empty one is created.`
  if (found !== undefined) {
    const there = found === null ? 'in no jurisdiction' : `in the jurisdiction ${found}`
    fail(
      `Nothing was deployed: the ${what} is there already, ${there}, and JURISDICTION is "${place}". ${way}`,
    )
  }
  console.log(`Note: the ${what} was there before, and Cloudflare names no jurisdiction for it: it may be kept outside of
${place}. ${way}`)
}
