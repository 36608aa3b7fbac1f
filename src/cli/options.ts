import { parseArgs, type ParseArgsConfig } from 'node:util'
import { fail } from './wrangler.ts'

type Options = NonNullable<ParseArgsConfig['options']>
type Values<Given extends Options> = ReturnType<typeof parseArgs<{ options: Given }>>['values']

const HELP = { help: { type: 'boolean', short: 'h' } } as const

/**
 * Options that a program was started with. Ends the program if `--help` is among them, with the usage,
 * and with exit code 1 if one is unknown or lacks its value: call it before anything else is done.
 */
export function readOptions<const Given extends Options>(
  options: Given,
  usage: string,
  args: readonly string[] = process.argv.slice(2),
): Values<Given> {
  const values = parse({ ...HELP, ...options }, usage, args)
  if (values.help) {
    console.log(usage)
    process.exit(0)
  }
  return values as Values<Given> // and help, which nobody else needs
}

/** A port of this machine; ends the program if it is none. */
export function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : NaN
  if (!(port >= 1 && port <= 65_535)) fail(`--port must be a number from 1 to 65535, not “${text}”`)
  return port
}

/** A share such as `5%` or `0.05`. @param option whose value the text is */
export function parseShare(option: string, text: string): number {
  const share = Number.parseFloat(text) / (text.endsWith('%') ? 100 : 1)
  if (share >= 0 && share <= 1) return share
  throw new Error(`${option} must be a share such as 5%, not “${text}”`)
}

/** A whole number above 0. */
export function parseCount(option: string, text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new Error(`${option} must be a whole number above 0, not “${text}”`)
}

/** `2026-11-01` or `2026-11-01T07:00Z`, as UTC milliseconds. */
export function parseTime(option: string, text: string): number {
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  throw new Error(`${option} must be a time such as 2026-11-01, not “${text}”`)
}

function parse(options: Options, usage: string, args: readonly string[]) {
  try {
    return parseArgs({ options, args: [...args] }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return fail(`${describe(error.message)}\n\n${usage}`)
  }
}

/** Words for a person: those of `parseArgs` end in hints that lead astray. */
function describe(message: string): string {
  const [, name = '', problem = ''] = /^Option '(\S+?),?(?: .*?)?' (.+)/.exec(message) ?? []
  if (problem.includes('not take')) return `${name} takes no value.`
  if (problem.includes('missing')) return `${name} needs a value.`
  if (name) return `${name} needs a value. One that begins with a dash is given as ${name}=-…`
  const reason = message.split(/\. /)[0]?.replace(/'(.*)'/, '“$1”')
  return reason?.startsWith('Unexpected argument')
    ? `${reason}. Options come after a “--”, which keeps npm from taking them.`
    : `${reason}.`
}
