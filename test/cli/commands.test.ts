import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { Checkout } from './checkout.ts'
import { describeInTerminal, runInTerminal, TERMINALS } from './terminal.ts'

const SCRIPTS: Readonly<Record<string, string>> = manifest.scripts
/** Each has options of its own. */
const SUBCOMMANDS = ['stream', 'api', 'send-test'].map((name) => [`yespo ${name}`, [name]] as const)

/** All scripts that run a program of ours, with its file and arguments. */
const COMMANDS = [
  ...Object.keys(SCRIPTS).flatMap((name) => (isOurs(name) ? [[name, []] as const] : [])),
  ...SUBCOMMANDS,
].map(([name, args]) => [name, findScript(name), args] as const)

function isOurs(name: string): boolean {
  return /^node \S+\.ts$/.test(SCRIPTS[name] ?? '')
}

function findScript(name: string): string {
  return SCRIPTS[name.split(' ')[0] ?? '']?.replace('node ', '') ?? ''
}

let checkout: Checkout
let files: string[]
const listFiles = () => readdirSync(checkout.folder).sort()

beforeAll(() => {
  checkout = new Checkout()
  files = listFiles()
})

afterAll(() => checkout.remove())

it('knows the scripts that run a program of ours', () => {
  const names = COMMANDS.map(([name]) => name)
  expect(names).toEqual(expect.arrayContaining(['start', 'demo', 'deploy', 'soak', 'strict']))
  const others = Object.entries(SCRIPTS).filter(([name]) => !names.includes(name))
  expect(others.filter(([, command]) => /\bnode\b/.test(command))).toEqual([])
})

describe.each(COMMANDS)('npm run %s', (_name, script, args) => {
  it('prints its usage for --help', async () => {
    const program = checkout.run(script, [...args, '--help'])
    expect(await program.done).toBe(0)
    expect(program.output).toMatch(/^[A-Z][^]*\n {2}npm /)
    expect(listFiles()).toEqual(files)
  })

  it('rejects an unknown option, and does nothing', async () => {
    const program = checkout.run(script, [...args, '--nonsense'])
    expect(await program.done).toBe(1)
    expect(program.output).toMatch(/^Unknown option “--nonsense”\.\n\n[A-Z][^]*\n {2}npm /)
    expect(program.output).not.toMatch(/^\s+at /m)
    expect(listFiles()).toEqual(files)
  })
})

describeInTerminal('in a terminal', () => {
  describe.each(TERMINALS)('%s', (_name, env) => {
    it.each(COMMANDS)('npm run %s prints the same', async (_command, script, args) => {
      const program = runInTerminal(checkout, script, [...args, '--nonsense'], env)
      expect(await program.done).toBe(1)
      expect(program.raw).toMatch(/^Unknown option “--nonsense”/)
      expect(program.raw).not.toContain('\x1b')
    })
  })
})

it.each([
  ['start', ['--port', 'abc'], '--port must be a number from 1 to 65535, not “abc”'],
  ['start', ['--port', '65536'], '--port must be a number from 1 to 65535, not “65536”'],
  ['start', ['--port'], '--port needs a value'],
  ['start', ['--port', '-1'], '--port needs a value. If the value begins with a dash'],
  ['start', ['--help=no'], '-h takes no value'],
  ['start', ['9000'], 'Unexpected argument “9000”. Options come after “--”'],
  ['deploy', ['staging'], 'Unexpected argument “staging”'],
  ['deploy', ['--instance', '../x'], '“../x” is not a valid name'],
  ['rebuild', ['--url', 'localhost:8787'], '--url must start with http:// or https://'],
  ['backfill', [], '--since is missing'],
  ['backfill', ['--cancel', '--url', 'ftp://a.example'], '--url must start with http:// or'],
  ['send-test', ['--url', 'localhost:8787'], '--url must start with http:// or https://'],
  ['yespo', ['stream', '--events', 'many'], '--events must be a whole number above 0'],
  ['yespo', ['stream', '--poison', '300%'], '--poison must be a share such as 5%'],
  ['yespo', ['stream', '--start', 'soon'], '--start must be a time such as 2026-11-01'],
  ['yespo', ['api'], '--key KEY is missing'],
  ['yespo', ['api', '--key', 'k', '--zone', 'Kyiv'], '--zone must be a time zone such as'],
  ['yespo', ['api', '--key', 'k', '--port', 'x'], '--port must be a number from 1 to 65535'],
  ['yespo', ['dance'], 'Unknown command “dance”'],
  ['demo', ['--port', 'abc'], '--port must be a number from 1 to 65535, not “abc”'],
  ['demo', ['8788'], 'Unexpected argument “8788”. Options come after “--”'],
  ['strict', ['--plan', 'paid,rich'], '--plan must be free or paid, not “rich”'],
  ['strict', ['--processes', '0'], '--processes must be a whole number above 0'],
  ['questions', ['--days', 'x'], '--days must be a whole number above 0'],
  ['bench', ['--events', '-5'], '--events needs a value'],
  ['soak', ['--events', '0'], '--events must be a whole number above 0'],
  ['soak', ['--faults', '11'], '--faults must be a number from 0 to 10'],
])('npm run %s %j reports the error, and does nothing', async (name, args, expected) => {
  const program = checkout.run(findScript(name), args)
  expect(await program.done).toBe(1)
  expect(program.output).toContain(expected)
  expect(program.output).not.toMatch(/^\s+at /m)
  expect(listFiles()).toEqual(files)
})
