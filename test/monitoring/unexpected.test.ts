import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables, count, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { DAY, MINUTE, Operator } from './operator.ts'

beforeEach(clearTables)

let made = 0
/** A new word for each test, because an isolate records a word only once. */
const newWord = () => `made${String.fromCharCode(97 + Math.floor(made / 26), 97 + (made++ % 26))}`

describe('an undocumented value', () => {
  it.each([
    ['a parameter', (name: string) => ({ [name]: 1 }), (name: string) => `parameter:${name}`],
    ['a status', (name: string) => ({ activityStatus: name }), (name: string) => `status:${name}`],
    ['a channel', (name: string) => ({ mediaType: name }), (name: string) => `channel:${name}`],
  ])('%s is notified once, is listed for a week, and ends quietly', async (_, changes, alertOf) => {
    const operator = new Operator()
    const name = newWord()
    await store(buildEvent(changes(name)), buildEvent(changes(name)))
    const now = Date.now()
    expect(await operator.hear(now)).toEqual([`started unexpected:${alertOf(name)}`])
    expect(await operator.hear(now + MINUTE)).toEqual([])
    await store(buildEvent(changes(name)))
    expect(await operator.hear(now + 6 * DAY)).toEqual([])
    expect(await (await read('/status')).text()).toContain(`“${name}”`)
    expect(await operator.hear(now + 8 * DAY)).toEqual([])
    expect(await (await read('/status')).text()).not.toContain(name)
    await store(buildEvent(changes(name)))
    expect(await operator.hear(now + 9 * DAY)).toEqual([])
    expect(await count('unexpected')).toBe(1)
  })

  it.each<[Record<string, unknown>, string]>([
    [{ hardBounce: 'true' }, 'hardBounce:text, read'],
    [{ hardBounce: 'perhaps' }, 'hardBounce:text, not read'],
    [{ contactId: '4711' }, 'contactId:text, read'],
    [{ messageId: 1.5 }, 'messageId:a number, not read'],
    [{ sms: 380950000903 }, 'sms:a number, read'],
    [{ email: ['a@example.com'] }, 'email:a list, read'],
    [{ email: ['a@example.com', 'b@example.com'] }, 'email:a list, not read'],
    [{ activityDateTime: 1694680203000 }, 'activityDateTime:a number, read'],
    [{ subscriptions: 'news' }, 'subscriptions:text, read'],
    [{ from: { name: 'Shop' } }, 'from:an object, not read'],
    [{ messageName: true }, 'messageName:true or false, not read'],
  ])('may be a type: %j', async (changes, alert) => {
    await store(buildEvent(changes))
    const operator = new Operator()
    expect(await operator.hear(Date.now())).toEqual([`started unexpected:type:${alert}`])
  })

  it('is not a documented one in another spelling, nor an empty one', async () => {
    await store(
      buildEvent({ activityStatus: ' delivered', mediaType: 'E-Mail' }),
      buildEvent({ mediaType: 'MOBILE_PUSH', subscriptions: [] }),
      buildEvent({ mediaType: null, hardBounce: null, messageName: '' }),
      buildEvent({ statusData: {}, externalRequestId: 'x' }),
    )
    expect(await count('unexpected')).toBe(0)
    expect(await new Operator().hear(Date.now())).toEqual([])
  })

  it.each([
    'anna@example.com',
    'petrenko 1975',
    '380950000903',
    'https://example.com/x',
    'Олена',
    'x'.repeat(500),
    '',
  ])('is not named if it may be personal data: %j', async (name) => {
    await store(buildEvent({ [name]: 1, activityStatus: `${name}.`, mediaType: `${name}0000` }))
    const notifications = await new Operator().check(Date.now())
    for (const { message } of notifications)
      expect(message).toContain('a name that is not shown here')
    const { results } = await env.DB.prepare('SELECT name FROM unexpected').all()
    expect(results.filter((row) => row['name'] !== '')).toEqual([])
  })

  it('is limited in number, separately for each kind', async () => {
    const many = Array.from({ length: 300 }, () => [newWord(), 1] as const)
    await store(buildEvent(Object.fromEntries(many)))
    for (const [name] of many.slice(0, 20)) await store(buildEvent({ [`${name}_more`]: 1 }))
    expect(await count('unexpected')).toBe(50)
    await store(buildEvent({ mediaType: newWord() }))
    expect(await count('unexpected')).toBe(51)
    const heard = await new Operator().hear(Date.now())
    expect(heard).toHaveLength(21)
    expect(heard).toContain('started unexpected:others')
  })

  it('costs nothing once it is recorded', async () => {
    const name = newWord()
    await store(buildEvent({ [name]: 1 }))
    await env.DB.prepare('DELETE FROM unexpected').run()
    await store(buildEvent({ [name]: 1 }))
    expect(await count('unexpected')).toBe(0)
  })
})

it('what is new since a time is listed with its first time', async () => {
  const name = newWord()
  const before = Date.now()
  await store(buildEvent({ [name]: 1 }))
  const listSince = async (since: number) =>
    (await read(`/unexpected?since=${since}`)).json<{ unexpected: { seenAt: number }[] }>()
  const { unexpected } = await listSince(before)
  expect(unexpected).toMatchObject([{ kind: 'parameter', name, detail: '' }])
  expect(unexpected[0]?.seenAt).toBeGreaterThanOrEqual(before)
  expect(await listSince((unexpected[0]?.seenAt ?? 0) + 1)).toEqual({ unexpected: [] })
})
