import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import * as z from 'zod'
import { createBuckets } from './buckets.ts'
import { explainConsumer, failAt } from './cloudflare-errors.ts'
import { listQueues, runWith, type Config } from './config.ts'
import { fail, type Result } from './wrangler.ts'

const databases = z.array(z.object({ name: z.string(), jurisdiction: z.string().nullish() }))

/**
 * Creates what the configuration names and the account does not have: the database, the queues and the bucket.
 * Ends the program if that fails, or if something is there that cannot be used.
 */
export async function createResources(config: Config): Promise<void> {
  const listing = await runWith(config, 'd1', 'list', '--json')
  if (!listing.ok)
    failAt('Nothing was deployed: the databases of the account cannot be listed.', listing)
  const known = new Map(
    databases.parse(JSON.parse(listing.stdout)).map((each) => [each.name, each.jurisdiction]),
  )
  const names = config.d1_databases.flatMap(({ database_name: name, database_id: id }) => {
    return id === undefined && name !== undefined ? name : []
  })
  for (const name of names) {
    if (known.has(name)) checkPlace(config, `database ${name}`, known.get(name))
  }
  const looks = await lookAtQueues(config)
  const missing = names.filter((name) => !known.has(name))
  if (missing.length > 0) await confirmPlace(config)
  for (const name of missing) {
    console.log(`Creating the database ${name} …`)
    const creation = await runWith(config, 'd1', 'create', name, ...placeOf(config))
    if (!creation.ok)
      failAt(`Nothing was deployed: the database ${name} cannot be created.`, creation)
  }
  for (const [name, look] of looks) {
    if (!look.ok) await createQueue(config, name)
  }
  await createBuckets(config)
}

/** What Cloudflare tells of each queue; ends the program if one is there that cannot be used. */
async function lookAtQueues(config: Config): Promise<[name: string, look: Result][]> {
  const looks = await Promise.all(
    listQueues(config).map(async (name): Promise<[string, Result]> => {
      return [name, await runWith(config, 'queues', 'info', name)]
    }),
  )
  for (const [name, look] of looks) {
    if (look.ok) {
      const [, place] = /^Jurisdiction: (\S+)$/m.exec(look.stdout) ?? []
      checkPlace(config, `queue ${name}`, place)
      checkConsumer(config, name, look.stdout)
    } else if (!/does not exist/.test(look.stderr)) {
      failAt(`Nothing was deployed: the queue ${name} cannot be looked up.`, look)
    }
  }
  return looks
}

async function createQueue(config: Config, name: string): Promise<void> {
  console.log(`Creating the queue ${name} …`)
  const creation = await runWith(config, 'queues', 'create', name, ...placeOf(config))
  if (!creation.ok) failAt(`Nothing was deployed: the queue ${name} cannot be created.`, creation)
}

/** A second consumer would be refused, but only after the code is in force and has sent to the queue. */
function checkConsumer(config: Config, queue: string, info: string): void {
  const [, list = ''] = /^Consumers: (.*)$/m.exec(info) ?? []
  const workers = list.split(',').map((each) => each.trim().replace(/^worker:/, ''))
  const other = workers.find((name) => !['', 'undefined', config.name].includes(name))
  if (other !== undefined) fail(`Nothing was deployed. ${explainConsumer(queue, other)}`)
}

function placeOf({ vars: { JURISDICTION: place } }: Config): string[] {
  return place === '' ? [] : ['--jurisdiction', place]
}

/** The choice is made once: a person is asked before it is. */
async function confirmPlace({ file, vars: { JURISDICTION: place } }: Config): Promise<void> {
  const where = place === '' ? 'wherever Cloudflare finds best' : `in the jurisdiction ${place}`
  const change = `JURISDICTION in ${file}${place === '' ? ', such as "eu" for the European Union' : ''}`
  console.log(`Database and queues are about to be created, ${where}.
This can never be changed for them; it is the setting ${change}.`)
  if (!process.stdin.isTTY || process.env['CI']) return
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const left = once(terminal, 'close').then(() => 'no') // by Ctrl-C or Ctrl-D
  const answer = await Promise.race([terminal.question('Create them? [Y/n] '), left])
  terminal.close()
  if (/^\s*n/i.test(answer)) fail('Nothing was created or deployed.')
}

/** @param found the jurisdiction of what is there; null for none, undefined where Cloudflare does not tell */
function checkPlace(config: Config, what: string, found: string | null | undefined): void {
  const place = config.vars.JURISDICTION
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
