import { experimental_readRawConfig as readRawConfig } from 'wrangler'
import { fail, runWrangler, type Result } from './wrangler.ts'

/** As Cloudflare numbers what is wrong with R2. */
const NOT_ENABLED = '[code: 10042]'
const EXISTS_ALREADY = '[code: 10004]'

/**
 * Creates the buckets that wrangler.toml names, where they are missing. Ends the program where that
 * fails: an upload would, too, but after the database was migrated, and in fewer words.
 */
export async function createBuckets(): Promise<void> {
  const { rawConfig } = readRawConfig({ config: 'wrangler.toml' })
  for (const { bucket_name: name, jurisdiction } of rawConfig.r2_buckets ?? []) {
    if (name) await createBucket(name, jurisdiction ? ['--jurisdiction', jurisdiction] : [])
  }
}

async function createBucket(name: string, place: readonly string[]): Promise<void> {
  const look = await runWrangler('r2', 'bucket', 'info', name, ...place)
  if (look.ok) return
  if (says(look, NOT_ENABLED)) explainR2(name)
  const creation = await runWrangler('r2', 'bucket', 'create', name, ...place)
  if (creation.ok) {
    console.log(`Created the bucket ${name}.`)
    return
  }
  if (says(creation, NOT_ENABLED)) explainR2(name)
  // A look also asks for figures that a token need not be allowed to see.
  if (says(creation, EXISTS_ALREADY)) return
  fail(`The bucket ${name} could not be created; nothing was deployed:`, creation)
}

function says({ stdout, stderr }: Result, code: string): boolean {
  return `${stdout}${stderr}`.includes(code)
}

function explainR2(name: string): never {
  return fail(`Nothing was deployed: wrangler.toml names the bucket ${name}, and R2 is not enabled for this
Cloudflare account. Either enable it (dash.cloudflare.com, R2 Object Storage, "Purchase R2": it asks for
a card, and 10 GB a month are free) and run this again, or put the "#" back before the lines of
[[r2_buckets]] in wrangler.toml: then old events stay in the database.`)
}
