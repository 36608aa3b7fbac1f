import { failAt } from './cloudflare-errors.ts'
import { runWith, type Config } from '../config.ts'
import { fail, type Result } from '../wrangler.ts'

/** Cloudflare's error codes for R2. */
const NOT_ENABLED = '[code: 10042]'
const EXISTS_ALREADY = '[code: 10004]'

/**
 * Creates the buckets of the configuration, if they are missing. Ends the program if that fails: so would the upload,
 * but after the migration, and with less explanation.
 */
export async function createBuckets(config: Config): Promise<void> {
  const { file, r2_buckets: buckets, vars } = config
  for (const { binding, bucket_name: name, jurisdiction } of buckets) {
    if (!name) continue
    if (vars.JURISDICTION !== '' && vars.JURISDICTION !== jurisdiction) {
      fail(`Nothing was deployed: JURISDICTION in ${file} is "${vars.JURISDICTION}", but the bucket ${name} has "${jurisdiction}".
Make both the same: the bucket has a line jurisdiction = "…" below its bucket_name.`)
    }
    if (binding === 'ARCHIVE' && name !== (vars.ARCHIVE_BUCKET ?? name)) {
      fail(`Nothing was deployed: ARCHIVE_BUCKET in ${file} is "${vars.ARCHIVE_BUCKET}", but the bucket's bucket_name is "${name}".
Make both the same.`)
    }
    await createBucket(config, name, jurisdiction ? ['--jurisdiction', jurisdiction] : [])
  }
}

async function createBucket(
  config: Config,
  name: string,
  options: readonly string[],
): Promise<void> {
  const info = await runWith(config, 'r2', 'bucket', 'info', name, ...options)
  if (info.ok) return
  const failure = `Nothing was deployed: the bucket ${name} cannot be created.`
  if (says(info, NOT_ENABLED)) failAt(failure, info)
  const creation = await runWith(config, 'r2', 'bucket', 'create', name, ...options)
  if (creation.ok) {
    console.log(`Created the bucket ${name}.`)
    return
  }
  // The look-up also reads figures for which a token need not have permission.
  if (says(creation, EXISTS_ALREADY)) return
  failAt(failure, creation)
}

function says({ stdout, stderr }: Result, code: string): boolean {
  return `${stdout}${stderr}`.includes(code)
}
