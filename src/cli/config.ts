import { readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import * as z from 'zod'
import { JURISDICTIONS } from '../settings/table.ts'
import { fail, runWrangler, type Result } from './wrangler.ts'

const route = z.union([
  z.string().transform((pattern) => ({ pattern })),
  z.object({ pattern: z.string() }),
])

const jurisdiction = z.string().toLowerCase().pipe(z.enum(JURISDICTIONS))

const schema = z.object({
  name: z.string(),
  account_id: z.string().optional(),
  vars: z
    .looseObject({
      JURISDICTION: jurisdiction.prefault(''),
      ARCHIVE_BUCKET: z.string().optional(),
    })
    .prefault({}),
  d1_databases: z
    .array(
      z.object({
        binding: z.string(),
        database_name: z.string().optional(),
        database_id: z.string().optional(),
      }),
    )
    .default([]),
  r2_buckets: z
    .array(
      z.object({
        binding: z.string(),
        bucket_name: z.string().optional(),
        jurisdiction: z.string().default(''),
      }),
    )
    .default([]),
  queues: z
    .object({
      producers: z.array(z.object({ binding: z.string(), queue: z.string() })).default([]),
      consumers: z
        .array(z.object({ queue: z.string(), dead_letter_queue: z.string().optional() }))
        .default([]),
    })
    .prefault({}),
  ratelimits: z.array(z.object({ name: z.string(), namespace_id: z.coerce.string() })).default([]),
  route: route.optional(),
  routes: z.array(route).default([]),
  triggers: z.object({ crons: z.array(z.string()).default([]) }).prefault({}),
})

/** The parts of a configuration file of wrangler that a deploy uses. */
export type Config = z.infer<typeof schema> & { file: string }

/** Reads such a file; ends the program if it is invalid. */
export function readConfig(file: string): Config {
  const parsed = schema.safeParse(readRaw(file))
  if (!parsed.success) {
    return fail(`${file} is invalid.\n${z.prettifyError(parsed.error)}`)
  }
  return { ...parsed.data, file }
}

function readRaw(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
  } catch (error) {
    return fail(`${file} cannot be read. ${String(error)}`)
  }
}

/** The queues that have to exist, each once. */
export function listQueues({ queues: { producers, consumers } }: Config): string[] {
  const deadLetters = consumers.flatMap(({ dead_letter_queue: queue }) => queue ?? [])
  return [...new Set([...[...producers, ...consumers].map(({ queue }) => queue), ...deadLetters])]
}

/** A queue with messages but no consumer, or the reverse, as after a change of only one of its names; or undefined. */
export function findStrayQueue({ queues: { producers, consumers } }: Config): string | undefined {
  const consumed = new Set(consumers.map(({ queue }) => queue))
  const filled = new Set([
    ...producers.map(({ queue }) => queue),
    ...consumers.flatMap(({ dead_letter_queue: queue }) => queue ?? []),
  ])
  const [stray] = filled.symmetricDifference(consumed)
  return stray
}

/** Everything that belongs to only one receiver, in words: sharing it would break both. */
export function listOwn(config: Config): string[] {
  const databases = config.d1_databases.flatMap(({ database_name: name, database_id: id }) => [
    ...(name === undefined ? [] : [`the database ${name}`]),
    ...(id === undefined ? [] : [`the database_id ${id}`]),
  ])
  return [
    `the Worker ${config.name}`,
    ...databases,
    ...listQueues(config).map((name) => `the queue ${name}`),
    ...config.r2_buckets.flatMap(({ bucket_name: name }) => (name ? `the bucket ${name}` : [])),
    ...config.ratelimits.map(({ namespace_id: id }) => `the namespace_id ${id} of [[ratelimits]]`),
    ...[...config.routes, ...(config.route ? [config.route] : [])].map(
      ({ pattern }) => `the route ${pattern}`,
    ),
  ]
}

/** Everything that the code needs in a configuration, in words; otherwise files may differ. */
export function listNeeded(config: Config): string[] {
  const consumed = new Set(config.queues.consumers.map(({ queue }) => queue))
  return [
    ...config.d1_databases.map(({ binding }) => `the database ${binding}`),
    ...config.queues.producers.flatMap(({ binding, queue }) => [
      `the queue ${binding}`,
      ...(consumed.has(queue) ? [`the consumer of the queue ${binding}`] : []),
    ]),
    ...config.ratelimits.map(({ name }) => `the limit ${name}`),
    ...(config.triggers.crons.length > 0 ? ['a schedule in [triggers]'] : []),
  ]
}

/** Runs a command of wrangler for a receiver, without its output. */
export function runWith({ file }: Config, ...args: string[]): Promise<Result> {
  return runWrangler(...args, '--config', file)
}
