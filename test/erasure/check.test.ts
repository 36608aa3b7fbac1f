import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { ARCHIVE } from '../archive/bucket.ts'
import { buildEvent } from '../event.ts'
import { monthOf } from '../../src/db/archive/files.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { archive, readStored, removeStored, writeFile } from '../history/archiving.ts'
import { quarantined } from '../quarantine.ts'
import { clearBucket, clearTables, count } from '../receiver.ts'
import { store } from '../store-events.ts'
import { Invocation, limitBucket, limitD1, PLANS, type Plan } from '../strict/index.ts'
import { erased } from './erasing.ts'
import { visit } from '../visit.ts'
import { copyTables, dropCopies, operate, restoreTables } from './restored.ts'

beforeEach(async () => {
  await clearTables()
  await clearBucket()
})

type Check = {
  finished: boolean
  searched: Record<string, number>
  found: Record<string, number>
  underWay: number
  summary: string
  next: string | null
}

async function check(changed: () => object = () => ({ ARCHIVE })): Promise<Check> {
  for (let next = '', steps = 0; ; steps++) {
    expect(steps).toBeLessThan(300)
    const response = await operate('GET', `/erasures/check?${next}`, changed())
    expect([response.status, await response.clone().text()]).toEqual([200, expect.anything()])
    const step: Check = await response.json()
    expect(step.finished).toBe(step.next === null)
    if (step.next === null) return step
    next = `next=${encodeURIComponent(step.next)}`
  }
}

const NONE = {
  contacts: 0,
  engagement: 0,
  eventsWithoutContact: 0,
  suppressions: 0,
  quarantinedItems: 0,
  archivedEvents: 0,
}

const ANNA = { contactId: 7, email: 'anna@example.com' }
const BERT = { contactId: 8, email: 'bert@example.com' }

function anHourFromNow(): string {
  return new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)
}

async function fill(): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO engagement VALUES ('email', -9223372036854775808, '[[7,19000,null],[8,19000,19001]]')`,
  ).run()
  await store(buildEvent(ANNA), buildEvent(BERT))
  await archive(await readStored())
  for (const person of [ANNA, BERT]) {
    await store(
      buildEvent({ ...person, activityStatus: 'SPAM' }),
      buildEvent({ ...person, contactId: null }),
    )
    await quarantined({ sent: JSON.stringify({ ...person, activityStatus: 7 }) })
  }
}

/** Erases 25 contacts, who come back; what they do then is archived. */
async function bringBack(): Promise<void> {
  const people = Array.from({ length: 25 }, (_, index) => ({ contactId: 20 + index }))
  await store(...people.map((person) => buildEvent({ ...ANNA, ...person })))
  for (const { contactId } of people) await erased(`/contacts/${contactId}`)
  const activityDateTime = anHourFromNow()
  await store(...people.map((each) => buildEvent({ ...ANNA, ...each, activityDateTime })))
  await archive(await readStored())
}

/** Archives events of others, some in each of the coming months; contacts are from 1 to 9999. */
async function addMonths(months: number): Promise<void> {
  await store(buildEvent({ contactId: 1 }), buildEvent({ contactId: 9_999 }))
  const events = (await readStored()).filter(({ contactId }) =>
    ['1', '9999'].includes(String(contactId)),
  )
  await removeStored(events)
  for (let month = 1; month <= months; month++) {
    const occurredAt = monthOf(Date.now() + month * 31 * DAY_MS) + DAY_MS
    await writeFile(events.map((event) => ({ ...event, occurredAt })))
  }
  await env.DB.exec('DELETE FROM contact_identifiers WHERE contactId IN (1, 9999)')
}

/** Checks, each step in an invocation of a plan. */
async function checkWithin(plan: Plan): Promise<Check> {
  return check(() => {
    const invocation = new Invocation('fetch', { limits: PLANS[plan] })
    return {
      DB: limitD1(env.DB, invocation),
      ARCHIVE: limitBucket(ARCHIVE, invocation),
      CLOUDFLARE_PLAN: plan,
    }
  })
}

describe('a check of erasures', () => {
  it('says what was searched, and that nothing is left', async () => {
    await fill()
    await env.DB.prepare('DELETE FROM archive').run() // an erasure of it takes the schedule
    await erased('/contacts/7')
    const { searched, found, underWay, summary } = await check()
    expect(searched).toEqual({
      ...NONE,
      contacts: 1,
      engagement: 1,
      eventsWithoutContact: 1,
      suppressions: 1,
      quarantinedItems: 1,
    })
    expect([found, underWay]).toEqual([NONE, 0])
    expect(summary).toBe(
      'Nothing is left of anyone who was erased. Searched: 1 contact, the engagement of 1, 1 event without a contact, 1 suppression, 1 quarantined item, 0 archived events.',
    )
  })

  it('finds what is left everywhere, and changes nothing', async () => {
    await fill()
    await copyTables()
    await erased('/contacts/7')
    await restoreTables()
    await dropCopies()
    await operate('POST', '/erasures/again', { ARCHIVE }) // imports the record
    const before = [await count('activity'), await count('quarantine'), await count('suppressions')]
    const { found, summary } = await check()
    expect(found).toEqual({
      contacts: 1,
      engagement: 1,
      eventsWithoutContact: 1,
      suppressions: 1,
      quarantinedItems: 1,
      archivedEvents: 1,
    })
    expect(summary).toContain('6 records are left of someone who was erased.')
    expect([
      await count('activity'),
      await count('quarantine'),
      await count('suppressions'),
    ]).toEqual(before)
  })

  it('leaves out suppressions that were kept, and what happened later', async () => {
    await fill()
    await env.DB.prepare('DELETE FROM archive').run()
    await erased('/contacts/7?suppressions=keep')
    await store(buildEvent({ ...ANNA, activityDateTime: anHourFromNow() }))
    expect((await check()).found).toEqual(NONE)
    expect(await count('suppressions')).toBe(2)
  })

  it('leaves out who came back, also once that is archived', async () => {
    await store(buildEvent(ANNA))
    await erased('/contacts/7')
    await store(buildEvent({ ...ANNA, activityDateTime: anHourFromNow() }))
    await archive(await readStored())
    expect((await check()).found).toEqual(NONE)
    expect(await count('contact_identifiers')).toBe(1)
  })

  it('leaves out more of those than a step looks up', async () => {
    await bringBack()
    const { found, searched } = await check()
    expect(found).toEqual(NONE)
    expect(searched['contacts']).toBe(25)
  })

  it.each(['free', 'paid'] as const)(
    'leaves out who came back long ago, within the limits of the %s plan',
    async (plan) => {
      await bringBack()
      await addMonths(45)
      const { found, searched } = await checkWithin(plan)
      expect(found).toEqual(NONE)
      expect(searched['contacts']).toBe(25)
    },
  )

  it('finds who did not come back among those who did', async () => {
    await store(buildEvent(ANNA), buildEvent(BERT))
    await erased('/contacts/7')
    await erased('/contacts/8')
    const activityDateTime = anHourFromNow()
    await store(...[ANNA, BERT].map((person) => buildEvent({ ...person, activityDateTime })))
    await archive((await readStored()).filter(({ contactId }) => String(contactId) === '8'))
    await removeStored(await readStored())
    expect((await check()).found).toEqual({ ...NONE, contacts: 1 })
  })

  it('finds identifiers whose events are nowhere', async () => {
    await store(buildEvent(ANNA))
    await erased('/contacts/7')
    await store(buildEvent({ ...ANNA, activityDateTime: anHourFromNow() }))
    await env.DB.prepare('DELETE FROM activity').run()
    expect((await check()).found).toEqual({ ...NONE, contacts: 1 })
  })

  it('rejects a step that is none', async () => {
    for (const next of ['x', '[]', '[9,[],[0,0,0,0,0,0],[0,0,0,0,0,0]]']) {
      const response = await operate('GET', `/erasures/check?next=${encodeURIComponent(next)}`)
      expect(response.status).toBe(400)
    }
  })
})

describe('the page of a check', () => {
  /** Submits the form until everything was searched. @returns the last page */
  async function checkOnPage(language: string): Promise<string> {
    for (let next = '', steps = 0; ; steps++) {
      expect(steps).toBeLessThan(50)
      const options = {
        fields: { next },
        language,
        changed: { ARCHIVE } as unknown as Partial<Env>,
      }
      const page = await (await visit('/erasures/check', options)).text()
      const [, value] = /name="next" value="([^"]+)"/.exec(page) ?? []
      if (value === undefined) return page
      expect(page).toContain('data-next-step')
      next = value.replaceAll('&quot;', '"')
    }
  }

  it('says that nothing is left', async () => {
    await store(buildEvent(ANNA), buildEvent(BERT))
    const { erasure } = await erased('/contacts/7')
    expect(await (await visit(`/erasures/${erasure.number}`)).text()).toContain(
      'action="/erasures/check"',
    )
    const page = await checkOnPage('en')
    expect(page).toContain('Nothing is left of anyone who was erased. Searched: 1 contact,')
    expect(page).not.toContain('data-next-step')
    expect(await checkOnPage('uk')).toContain(
      'Від стертих людей нічого не залишилося. Перевірено: 1 контакт,',
    )
  })

  it('says what is left', async () => {
    await fill()
    await copyTables()
    await erased('/contacts/7')
    await restoreTables()
    await dropCopies()
    await operate('POST', '/erasures/again', { ARCHIVE }) // imports the record
    expect(await checkOnPage('en')).toMatch(/\d+ records are left of someone who was erased/)
    expect(await checkOnPage('uk')).toMatch(/Від стертих людей залиши\p{L}+ \d+ запис/u)
  })

  it('begins with a form', async () => {
    expect(await (await visit('/erasures/check')).text()).toContain('Check now')
  })
})
