import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCredentials } from '../../src/cli/credentials.ts'
import { Checkout, findFreePort, type Program } from './checkout.ts'
import { describeInTerminal, runInTerminal, TERMINALS } from './terminal.ts'

const CTRL_C = '\x03'
const ESCAPE = '\x1b'

let checkout: Checkout
let origin: string

const run = (script: string, args: readonly string[], env = {}) =>
  runInTerminal(checkout, script, args, env)

/** Waits for the exit code of a program, and checks whether its output is colored. */
async function end(program: Program, env: object): Promise<number> {
  const code = await program.done
  if ('NO_COLOR' in env) expect(program.raw).not.toContain(ESCAPE)
  else expect(program.raw).toContain(ESCAPE)
  return code
}

describeInTerminal('npm start', () => {
  beforeAll(() => {
    checkout = new Checkout()
  })
  afterAll(() => checkout.remove())

  it.each(TERMINALS)('shows address, credentials and tokens %s, and stops', async (_case, env) => {
    const port = await findFreePort()
    const program = run('src/cli/start.ts', ['--port', String(port)], env)
    await program.prints(/Ctrl-C stops it/)
    const secrets = readCredentials(join(checkout.folder, '.dev.vars')) ?? {}
    expect(Object.keys(secrets)).toHaveLength(4)
    for (const value of Object.values(secrets)) expect(program.output).toContain(value)
    expect(program.output).toContain(`http://localhost:${port}/webhooks/yespo`)
    await fetch(`http://localhost:${port}/health`)
    await program.prints(/GET \/health 200/)
    const before = program.output.length
    program.type(CTRL_C)
    expect(await end(program, env)).toBe(0)
    expect(program.output.slice(before).trim()).toBe('^CStopping …')
    expect(checkout.listProcesses()).toEqual([])
  })
})

describeInTerminal('programs used with the receiver', () => {
  let receiver: Program

  beforeAll(async () => {
    checkout = new Checkout()
    const port = await findFreePort()
    origin = `http://localhost:${port}`
    receiver = checkout.run('src/cli/start.ts', ['--port', String(port)])
    await receiver.prints(/Ctrl-C stops it/)
  })

  afterAll(async () => {
    await receiver.interrupt()
    checkout.remove()
  })

  const webhook = () => ['--url', `${origin}/webhooks/yespo`]

  it.each(TERMINALS)('npm run send-test %s', async (_case, env) => {
    const program = run('src/cli/send-test.ts', webhook(), env)
    expect(await end(program, env)).toBe(0)
    expect(program.output).toMatch(/✔ sample-broadcast\.json: 200 [^]*│ 'DELIVERED'/)
    const rejected = run('src/cli/send-test.ts', [...webhook(), '--password', 'wrong'], env)
    expect(await end(rejected, env)).toBe(1)
    expect(rejected.output).toMatch(/✘ .* 401/)
  })

  it.each(TERMINALS)('npm run yespo -- stream %s', async (_case, env) => {
    const args = ['stream', '--events', '300', '--rate', '100000', ...webhook()]
    const program = run('src/cli/yespo.ts', args, env)
    expect(await end(program, env)).toBe(0)
    expect(program.output).toMatch(
      /█{30} 100 %  sent 300 of 300\r\n[^]*✔ All requests were accepted/,
    )
  })

  it.each(TERMINALS)('npm run rebuild %s', async (_case, env) => {
    const program = run('src/cli/rebuild.ts', ['--url', origin], env)
    expect(await program.done).toBe(0)
    expect(program.output).toMatch(/\d events counted/)
    expect(program.raw).not.toContain(ESCAPE)
  })
})

describeInTerminal('what needs no receiver', () => {
  beforeAll(() => {
    checkout = new Checkout()
  })
  afterAll(() => checkout.remove())

  it.each(TERMINALS)('npm run yespo -- api %s', async (_case, env) => {
    const program = run('src/cli/yespo.ts', ['api', '--key', 'k', '--events', '100'], env)
    await program.prints(/Ctrl-C stops it/)
    program.type(CTRL_C)
    expect(await program.done).toBe(0)
    expect(program.raw).not.toContain(ESCAPE)
  })

  it('npm run soak', async () => {
    const program = run('test/soak/soak.ts', ['--events', '300', '--faults', '0'])
    expect(await end(program, {})).toBe(0)
    expect(program.output).toMatch(/^lost +0\r$/m)
  })

  it.each(TERMINALS)('errors %s', async (_case, env) => {
    writeFileSync(join(checkout.folder, '.dev.vars'), 'READ_TOKEN="read"\n')
    const args = ['stream', '--url', 'http://localhost:1/']
    const program = run('src/cli/yespo.ts', args, env)
    expect(await end(program, env)).toBe(1)
    expect(program.output).toContain('✘ ')
  })
})
