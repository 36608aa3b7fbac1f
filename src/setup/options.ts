import { parseArgs, type ParseArgsConfig } from 'node:util'
import { fail } from './wrangler.ts'

/** The options that a program was started with; ends it where one is unknown or not as it has to be. */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [reason = ''] = error.message.split(/\.\s|\.$|\n/) // then come hints that lead astray
    return fail(`${reason}.\n\n${usage}`)
  }
}
