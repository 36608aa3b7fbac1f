import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import * as z from 'zod'
import { createBuckets } from './buckets.ts'
import { explainConsumer, failAt } from './cloudflare-errors.ts'
import { findStrayQueue, listQueues, runWith, type Config } from '../config.ts'
import { fail } from '../wrangler.ts'

const NONE = ['null', 'default']

const databases = z.array(
  z.object({ uuid: z.string(), name: z.string(), jurisdiction: z.string().nullish() }),
)

/**
 * Creates the database, the queues and the bucket of the configuration that the account does not have. Ends the
 * program if that fails, or if one exists that cannot be used.
 */
export async function createResources(config: Config): Promise<void> {
  const stray = findStrayQueue(config)
  if (stray !== undefined) {
    fail(`Nothing was deployed: the queue ${stray} has no producer or no consumer in ${config.file}. Give it the same name
everywhere: in [[queues.producers]], [[queues.consumers]] and dead_letter_queue.`)
  }
  const [missing, queues] = await Promise.all([
    listMissingDatabases(config),
    listMissingQueues(config),
  ])
  if (missing.length > 0) await confirmJurisdiction(config)
  const failure = (what: string) => `Nothing was deployed: the ${what} cannot be created.`
  for (const name of missing) {
    console.log(`Creating the database ${name} …`)
    const creation = await runWith(config, 'd1', 'create', name, ...jurisdictionOf(config))
    if (!creation.ok) failAt(failure(`database ${name}`), creation)
  }
  for (const name of queues) {
    console.log(`Creating the queue ${name} …`)
    const creation = await runWith(config, 'queues', 'create', name, ...jurisdictionOf(config))
    if (!creation.ok) failAt(failure(`queue ${name}`), creation)
  }
  await createBuckets(config)
}

/** The names of databases that do not exist yet; ends the program if one exists that cannot be used. */
async function listMissingDatabases(config: Config): Promise<string[]> {
  const listing = await runWith(config, 'd1', 'list', '--json')
  if (!listing.ok) {
    failAt('Nothing was deployed: the databases of the account cannot be listed.', listing)
  }
  const known = databases.parse(JSON.parse(listing.stdout))
  return config.d1_databases.flatMap(({ database_name: name, database_id: id }) => {
    const found = known.find((each) => (id === undefined ? each.name === name : each.uuid === id))
    if (found) checkJurisdiction(config, `database ${found.name}`, found.jurisdiction)
    return found || id !== undefined || name === undefined ? [] : name
  })
}

/** The queues that do not exist yet; ends the program if one exists that cannot be used. */
async function listMissingQueues(config: Config): Promise<string[]> {
  const names = listQueues(config)
  const infos = await Promise.all(names.map((name) => runWith(config, 'queues', 'info', name)))
  return names.filter((name, index) => {
    const { ok, stdout, stderr } = infos[index] ?? { ok: false, stdout: '', stderr: '' }
    if (ok) {
      checkJurisdiction(config, `queue ${name}`, /^Jurisdiction: (\S+)$/m.exec(stdout)?.[1])
      checkConsumer(config, name, stdout)
    } else if (!/does not exist/.test(stderr)) {
      failAt(`Nothing was deployed: the queue ${name} cannot be looked up.`, { ok, stdout, stderr })
    }
    return !ok
  })
}

/** Cloudflare would reject a second consumer, but only after the code is live and has sent to the queue. */
function checkConsumer(config: Config, queue: string, info: string): void {
  const [, list = ''] = /^Consumers: (.*)$/m.exec(info) ?? []
  const own = ['', 'worker:undefined', `worker:${config.name}`]
  const other = list.split(',').find((each) => !own.includes(each.trim()))
  if (other === undefined) return
  fail(`Nothing was deployed. ${explainConsumer(queue, /worker:(\S+)/.exec(other)?.[1])}`)
}

function jurisdictionOf({ vars: { JURISDICTION: jurisdiction } }: Config): string[] {
  return jurisdiction === '' ? [] : ['--jurisdiction', jurisdiction]
}

/** The jurisdiction can be chosen only once, so the user confirms it. */
async function confirmJurisdiction({
  file,
  vars: { JURISDICTION: jurisdiction },
}: Config): Promise<void> {
  const where =
    jurisdiction === '' ? 'wherever Cloudflare finds best' : `in the jurisdiction ${jurisdiction}`
  const change = `JURISDICTION in ${file}${jurisdiction === '' ? ', such as "eu" for the European Union' : ''}`
  console.log(`The database and the queues will be created ${where}.
This can never be changed later; to change it now, set ${change}.`)
  if (!process.stdin.isTTY || process.env['CI']) return
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const closed = once(terminal, 'close').then(() => 'no') // by Ctrl-D
  const answered = terminal.question('Create them? [Y/n] ').catch(() => 'no') // by Ctrl-C
  const answer = await Promise.race([answered, closed])
  terminal.close()
  if (/^\s*n/i.test(answer)) fail('\nNothing was created or deployed.')
}

/** @param actual jurisdiction of the existing resource; null for none, undefined if Cloudflare does not say */
function checkJurisdiction(config: Config, what: string, actual: string | null | undefined): void {
  const expected = config.vars.JURISDICTION
  const found = actual !== undefined && NONE.includes(actual ?? 'null') ? null : actual
  if ((found ?? '') === expected) return
  const advice = `A jurisdiction can never be changed: set JURISDICTION = "${found ?? ''}" in ${config.file}, or another
name for it there, without a database_id, under which a new, empty one will be created.`
  if (found !== undefined) {
    const place = found === null ? 'in no jurisdiction' : `in the jurisdiction ${found}`
    fail(
      `Nothing was deployed: the ${what} already exists ${place}, but JURISDICTION is "${expected}". ${advice}`,
    )
  }
  console.log(`Note: the ${what} already exists, and Cloudflare does not say in which jurisdiction: it may be outside of
${expected}. ${advice}`)
}
