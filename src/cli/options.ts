import { parseArgs, type ParseArgsConfig } from 'node:util'
import { fail } from './wrangler.ts'

type Options = NonNullable<ParseArgsConfig['options']>
type Values<Known extends Options> = ReturnType<typeof parseArgs<{ options: Known }>>['values']

const HELP = { help: { type: 'boolean', short: 'h' } } as const

/**
 * The options of a program. With `--help`, prints the usage and ends the program; with an unknown option, or one
 * without its value, ends it with exit code 1: call this before anything else.
 */
export function readOptions<const Known extends Options>(
  options: Known,
  usage: string,
  args: readonly string[] = process.argv.slice(2),
): Values<Known> {
  const values = parse({ ...HELP, ...options }, usage, args)
  if (values.help) {
    console.log(usage)
    process.exit(0)
  }
  return values as Values<Known> // and `help`, which is handled here
}

/** A port number; ends the program if it is invalid. */
export function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : NaN
  if (!(port >= 1 && port <= 65_535)) fail(`--port must be a number from 1 to 65535, not “${text}”`)
  return port
}

/** A share such as `5%` or `0.05`; ends the program if it is invalid. @param option for the error */
export function parseShare(option: string, text: string): number {
  const share = Number.parseFloat(text) / (text.endsWith('%') ? 100 : 1)
  if (share >= 0 && share <= 1) return share
  return fail(`${option} must be a share such as 5%, not “${text}”`)
}

/** A whole number above 0; ends the program if it is none. */
export function parseCount(option: string, text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  return fail(`${option} must be a whole number above 0, not “${text}”`)
}

/** `2026-11-01` or `2026-11-01T07:00Z`, as UTC milliseconds; ends the program if it is no time. */
export function parseTime(option: string, text: string): number {
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  return fail(`${option} must be a time such as 2026-11-01, not “${text}”`)
}

function parse(options: Options, usage: string, args: readonly string[]) {
  try {
    return parseArgs({ options, args: [...args] }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return fail(`${describe(error.message)}\n\n${usage}`)
  }
}

/** An error of `parseArgs` without its misleading hints. */
function describe(message: string): string {
  const [, name = '', problem = ''] = /^Option '(\S+?),?(?: .*?)?' (.+)/.exec(message) ?? []
  if (problem.includes('not take')) return `${name} takes no value.`
  if (problem.includes('missing')) return `${name} needs a value.`
  if (name) return `${name} needs a value. If the value begins with a dash, write ${name}=-…`
  const reason = message.split(/\. /)[0]?.replace(/'(.*)'/, '“$1”')
  return reason?.startsWith('Unexpected argument')
    ? `${reason}. Options come after “--”, or npm takes them.`
    : `${reason}.`
}
