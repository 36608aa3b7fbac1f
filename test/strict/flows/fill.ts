import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTraffic, joinBody, type Element } from '../../../src/simulator/traffic.ts'
import { readMigrations } from '../../receiver-config.ts'
import { BODY_EVENTS } from './body-events.ts'
import { clock } from './clock.ts'
import { Isolate } from './isolate.ts'
import { OPERATIONS, type Job } from './job.ts'

const ERASED = 60
const QUARANTINED = 10_000
const BACKLOG = { bodies: 400, events: 50 }
const SMALL_BACKLOG = { bodies: 2_000, events: 5 }
const SCHEDULE_MS = 2 * 3_600_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Makes the states that flows begin with, each in a folder of its own, by the receiver's own work. */
export async function fill(job: Job & { task: 'fill' }): Promise<void> {
  const isolate = await Isolate.start(job, 'free', { KEEP_DAYS: '0' })
  const { world } = isolate
  const save = async (name: string) => {
    const folder = join(job.folder, name)
    mkdirSync(folder, { recursive: true })
    await world.save(folder)
  }
  for (const sql of readMigrations()) world.database.exec(sql)
  await save('empty')
  const { seed, events } = job
  const contacts = await sendTraffic(isolate, seed, events)
  await operate(isolate, contacts)
  await save('filled')
  const record = await expect200(isolate, 'GET', '/erasures/record')
  const whole = JSON.parse(record) as { record: unknown }
  writeFileSync(join(job.folder, 'record.json'), JSON.stringify(whole.record))
  const description = await expect200(isolate, 'GET', '/openapi.json')
  writeFileSync(join(job.folder, OPERATIONS), JSON.stringify(listOperations(description)))
  writeBodies(job.folder, seed)
  await fillBacklog(isolate, seed, BACKLOG)
  await save('backlog')
  await world.restore(join(job.folder, 'filled'))
  await fillBacklog(isolate, seed, SMALL_BACKLOG)
  await save('small-backlog')
  await world.restore(join(job.folder, 'filled'))
  for (const contact of contacts.slice(10, 10 + ERASED)) {
    await expect200(isolate, 'DELETE', `/contacts/${contact}`)
  }
  await save('erasures')
  await world.restore(join(job.folder, 'filled'))
  world.database.exec(`
    DELETE FROM rollups; DELETE FROM rollup_hours; DELETE FROM key_values WHERE name = 'rollups.until'`)
  await save('unrolled')
  await world.restore(join(job.folder, 'filled'))
  fillQuarantine(isolate, seed)
  await save('quarantine')
}

function listOperations(description: string): string[] {
  const { paths } = JSON.parse(description) as {
    paths: Record<string, Record<string, { operationId?: string }>>
  }
  return Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ operationId }) => operationId ?? []),
  )
}

/** Has all of it stored. @returns the contacts */
async function sendTraffic(isolate: Isolate, seed: number, events: number): Promise<string[]> {
  const contacts = new Set<string>()
  let scheduledAt = clock.now()
  for (const elements of makeTraffic({ seed, events, poison: 0.005, start: clock.now() })) {
    await post(isolate, joinBody(elements))
    for (const { event } of readEvents(elements)) {
      if (event.contactId) contacts.add(String(event.contactId))
      const happenedAt = Date.parse(`${event.activityDateTime}Z`)
      clock.moveTo(happenedAt + 1_000)
    }
    while (await isolate.deliver());
    if (clock.now() - scheduledAt < SCHEDULE_MS) continue
    scheduledAt = clock.now()
    await isolate.runSchedule()
  }
  return [...contacts]
}

type Sent = { contactId?: number; activityDateTime: string; iid?: string }

function readEvents(elements: readonly Element[]): { event: Sent }[] {
  return elements
    .filter(({ isPoison }) => !isPoison)
    .map(({ bytes }) => ({ event: JSON.parse(bytes.toString()) as Sent }))
}

async function post(isolate: Isolate, content: Buffer): Promise<void> {
  const body = new Uint8Array(content)
  const { used } = await isolate.request({
    method: 'POST',
    path: '/webhooks/yespo',
    as: 'sender',
    body,
  })
  if (used.status !== 200) throw new Error(`the webhook responded ${used.status}`)
}

async function expect200(isolate: Isolate, method: string, path: string): Promise<string> {
  const { used, body } = await isolate.request({ method, path })
  if (used.status !== 200) throw new Error(`${method} ${path} responded ${used.status}: ${body}`)
  return body
}

/** What people do, so that there is something of everything; notes the IDs that requests ask for. */
async function operate(isolate: Isolate, contacts: readonly string[]): Promise<void> {
  const { world } = isolate
  const [erased, other, contact] = contacts
  await expect200(isolate, 'DELETE', `/contacts/${erased}`)
  await expect200(isolate, 'DELETE', `/contacts/${other}`)
  for (let run = 0; run < 20; run++) {
    clock.advance(SCHEDULE_MS / 24)
    await isolate.runSchedule()
    while (await isolate.deliver());
  }
  const hour = Math.floor(clock.now() / HOUR_MS) * HOUR_MS
  world.database.exec(`
    INSERT INTO coverage
      SELECT ${hour} - 3600000 * value, ${hour} - 3600000 * (value - 1), 'SENT', 'email', 3, 2, 1
      FROM ${HOURS}`)
  const first = <T>(text: string, list: string) =>
    (JSON.parse(text) as Record<string, T[]>)[list]?.[0]
  const newest = first<{ id: string }>(
    await expect200(isolate, 'GET', '/activity?limit=1'),
    'activity',
  )
  const item = first<{ id: string }>(
    await expect200(isolate, 'GET', '/quarantine?limit=1'),
    'quarantine',
  )
  const erasure = first<{ number: number }>(
    await expect200(isolate, 'GET', '/erasures'),
    'erasures',
  )
  const message = first<{ messageId: number }>(
    await expect200(isolate, 'GET', '/reports/messages?sort=largest&limit=1'),
    'report',
  )
  const delivery = await findDelivery(isolate)
  const form = {
    method: 'POST',
    path: '/sign-in',
    as: 'viewer',
    body: `token=read-token-of-flows`,
  } as const
  await isolate.request(form)
  world.ids = {
    event: newest?.id ?? '',
    item: item?.id ?? '',
    erasure: String(erasure?.number),
    contact: contact ?? '',
    message: String(message?.messageId),
    delivery: delivery.iid,
    email: encodeURIComponent(delivery.email),
    since: new Date(hour - DAY_MS).toISOString(),
    until: new Date(hour).toISOString(),
    cookie: isolate.cookie,
  }
}

const HOURS = `(WITH RECURSIVE hours (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM hours WHERE value < 48)
  SELECT value FROM hours)`

/** A delivery that is stored, and an address of its contact. */
async function findDelivery(isolate: Isolate): Promise<{ iid: string; email: string }> {
  const { activity } = JSON.parse(await expect200(isolate, 'GET', '/activity?limit=500')) as {
    activity: { iid?: string; email?: string }[]
  }
  const found = activity.find(
    ({ iid, email }) => iid && /^[\w.+-]+@example\.com$/.test(email ?? ''),
  )
  return { iid: found?.iid ?? 'none', email: found?.email ?? 'none@example.com' }
}

/** Valid events of the simulated traffic, each once. */
function* drawElements(seed: number): Generator<Element> {
  for (let part = 0; ; part++) {
    for (const elements of makeTraffic({
      seed: seed + part,
      events: 20_000,
      poison: 0,
      start: clock.now(),
    })) {
      yield* elements.filter(({ bytes }) => bytes.length < 8_000)
    }
  }
}

function take(source: Generator<Element>, count: number): Element[] {
  return Array.from({ length: count }, () => source.next().value as Element)
}

function writeBodies(folder: string, seed: number): void {
  const source = drawElements(seed + 1_000)
  for (const count of BODY_EVENTS) {
    writeFileSync(join(folder, `body-${count}.json`), joinBody(take(source, count)))
  }
}

/** The messages of a day that the consumer did not take. */
async function fillBacklog(
  isolate: Isolate,
  seed: number,
  { bodies, events }: typeof BACKLOG,
): Promise<void> {
  const source = drawElements(seed + 2_000)
  for (let body = 0; body < bodies; body++) {
    await post(isolate, joinBody(take(source, events)))
    clock.advance(DAY_MS / bodies)
  }
}

/** Valid events that an earlier version set aside. */
function fillQuarantine({ world }: Isolate, seed: number): void {
  const source = drawElements(seed + 3_000)
  const insert = world.database.prepare(
    `INSERT INTO quarantine VALUES (?, 0, 0, 'element', 'planted', ?, 'webhook', '{}', ?)`,
  )
  for (let item = 0; item < QUARANTINED; item++) {
    const [element] = take(source, 1)
    insert.run(
      `request${String(item).padStart(15, '0')}`,
      clock.now(),
      element?.bytes.toString() ?? '',
    )
  }
}
