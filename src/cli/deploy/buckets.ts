import { failAt } from './cloudflare-errors.ts'
import { runWith, type Config } from '../config.ts'
import { fail, type Result } from '../wrangler.ts'

/** As Cloudflare numbers what is wrong with R2. */
const NOT_ENABLED = '[code: 10042]'
const EXISTS_ALREADY = '[code: 10004]'

/**
 * Creates the buckets that the configuration names, if they are missing. Ends the program if that fails: an
 * upload would, too, but after the database was migrated, and in fewer words.
 */
export async function createBuckets(config: Config): Promise<void> {
  const { file, r2_buckets: buckets, vars } = config
  for (const { bucket_name: name, jurisdiction } of buckets) {
    if (!name) continue
    if (vars.JURISDICTION !== '' && vars.JURISDICTION !== jurisdiction) {
      fail(`Nothing was deployed: JURISDICTION in ${file} is "${vars.JURISDICTION}", and that of the bucket ${name} is "${jurisdiction}".
Make both the same: the bucket's is the line jurisdiction = "…" below its bucket_name.`)
    }
    await createBucket(config, name, jurisdiction ? ['--jurisdiction', jurisdiction] : [])
  }
}

async function createBucket(config: Config, name: string, place: readonly string[]): Promise<void> {
  const look = await runWith(config, 'r2', 'bucket', 'info', name, ...place)
  if (look.ok) return
  const failure = `Nothing was deployed: the bucket ${name} cannot be created.`
  if (says(look, NOT_ENABLED)) failAt(failure, look)
  const creation = await runWith(config, 'r2', 'bucket', 'create', name, ...place)
  if (creation.ok) {
    console.log(`Created the bucket ${name}.`)
    return
  }
  // A look also asks for figures that a token need not be allowed to see.
  if (says(creation, EXISTS_ALREADY)) return
  failAt(failure, creation)
}

function says({ stdout, stderr }: Result, code: string): boolean {
  return `${stdout}${stderr}`.includes(code)
}
