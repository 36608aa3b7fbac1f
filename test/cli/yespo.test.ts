import { afterAll, beforeAll, expect, it } from 'vitest'
import { Checkout, findFreePort, type Program } from './checkout.ts'

let checkout: Checkout
let receiver: Program
let url: string

beforeAll(async () => {
  checkout = new Checkout()
  const port = await findFreePort()
  url = `http://localhost:${port}/webhooks/yespo`
  receiver = checkout.run('src/cli/start.ts', ['--port', String(port)])
  await receiver.prints(/Ctrl-C stops it/)
})

afterAll(async () => {
  await receiver.interrupt()
  checkout.remove()
})

const yespo = (...args: string[]) => checkout.run('src/cli/yespo.ts', [...args, '--url', url])

it('streams traffic with invalid items and repeats, and prints a summary', async () => {
  const program = yespo(
    'stream',
    '--events',
    '2000',
    '--rate',
    '100000',
    '--poison',
    '2%',
    '--repeat',
    '10%',
  )
  expect([await program.done, program.output]).toEqual([0, expect.anything()])
  expect(program.output).toMatch(/^events +2,000$/m)
  const count = (name: string) => {
    const [, digits = ''] = new RegExp(`^${name} +([\\d,]+)$`, 'm').exec(program.output) ?? []
    return Number(digits.replace(',', ''))
  }
  expect(count('poison')).toBeGreaterThan(10)
  expect(count('quarantined')).toBeGreaterThan(0)
  expect(count('deferred')).toBeGreaterThan(0)
  const all = count('accepted') + count('quarantined') + count('deferred')
  expect(all).toBe(count('events') + count('poison'))
  expect(count('repeats')).toBeGreaterThan(0)
  expect(program.output).not.toContain('\r')
})

it('sends a test', async () => {
  const program = yespo('send-test')
  expect(await program.done).toBe(0)
  expect(program.output).toContain('✔ sample-broadcast.json: 200')
})

it('gives up if it is rejected, and shows why', async () => {
  const program = yespo('stream', '--events', '10', '--password', 'wrong')
  expect(await program.done).toBe(1)
  expect(program.output).toMatch(/✘ Gave up: 401 .*unauthorized/)
})
