import type * as z from 'zod'
import { HttpError } from '../platform/http-error.ts'

/**
 * Settings by their schema.
 * @throws HttpError 503 `not_configured` that names the setting which is missing or wrong
 */
export function check<Schema extends z.ZodType>(schema: Schema, env: object): z.output<Schema> {
  const result = schema.safeParse(env)
  if (result.success) return result.data
  const [[setting, message] = ['', '']] = describeErrors(result.error)
  throw new HttpError(503, 'not_configured', message, {
    details: { setting },
    headers: { 'Retry-After': '60' },
  })
}

/** What is wrong with settings, by their names, in words and without a value. */
export function listErrors(schema: z.ZodType, env: object): ReadonlyMap<string, string> {
  const result = schema.safeParse(env)
  return new Map(result.success ? [] : describeErrors(result.error))
}

/** Settings that each stand for themselves: what is wrong, as by `listErrors`, has its default instead. */
export function readValid<Schema extends z.ZodType>(
  schema: Schema,
  env: object,
): { values: z.output<Schema>; faults: ReadonlyMap<string, string> } {
  const faults = listErrors(schema, env)
  const unset = Object.fromEntries([...faults.keys()].map((setting) => [setting, undefined]))
  return { values: schema.parse({ ...env, ...unset }), faults }
}

/** The first of each setting. */
function describeErrors({ issues }: z.ZodError): [setting: string, message: string][] {
  const faults = new Map<string, string>()
  for (const { path, message } of issues) {
    const setting = String(path[0])
    if (!faults.has(setting)) faults.set(setting, `The setting ${setting} ${message}.`)
  }
  return [...faults]
}

/** Settings never change while a Worker runs, so each environment is read once. */
export function oncePerEnv<Settings>(read: (env: object) => Settings): (env: object) => Settings {
  const known = new WeakMap<object, Settings>()
  return (env) => {
    let settings = known.get(env)
    if (settings === undefined) {
      settings = read(env)
      known.set(env, settings)
    }
    return settings
  }
}
