import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Broker, memoryR2, memoryRateLimit, type Plan, type Waiting } from '../index.ts'
import type { Config } from '../../receiver-config.ts'
import { memoryD1 } from '../node.ts'
import { clock } from './clock.ts'

/** What a receiver holds at a time, in a folder. */
type Saved = {
  now: number
  waiting: Waiting[]
  objects: { key: string; base64: string }[]
  /** Of what can be asked for. */
  ids: Record<string, string>
}

/** All that is around a receiver, in memory. */
export class World {
  database = new DatabaseSync(':memory:')
  #db = memoryD1(this.database)
  readonly bucket = memoryR2(clock)
  readonly broker: Broker
  readonly env: Record<string, unknown>
  ids: Record<string, string> = {}

  constructor(config: Config, plan: Plan, vars: Readonly<Record<string, string>>) {
    this.broker = new Broker({ consumers: config.queues.consumers, clock })
    const queues = config.queues.producers.map(({ binding, queue }) => [
      binding,
      this.broker.toBinding(queue),
    ])
    this.env = {
      ...config.vars,
      ...SECRETS,
      CLOUDFLARE_PLAN: plan,
      ...vars,
      ...Object.fromEntries(queues),
      DB: {
        prepare: (sql: string) => this.#db.prepare(sql),
        batch: (statements: D1PreparedStatement[]) => this.#db.batch(statements),
      },
      ARCHIVE: this.bucket,
      FAILED_CREDENTIALS: memoryRateLimit(1_000_000, 60, clock),
      READING: memoryRateLimit(1_000_000, 60, clock),
    }
  }

  /** Makes everything as it was saved; the bindings stay the same. */
  async restore(folder: string): Promise<void> {
    // A new one, as statements of this one may still be in use.
    this.database = new DatabaseSync(':memory:')
    this.database.deserialize(readFileSync(join(folder, 'database.sqlite')))
    this.#db = memoryD1(this.database)
    const text = readFileSync(join(folder, 'rest.json'), 'utf8')
    const { now, waiting, objects, ids } = JSON.parse(text) as Saved
    clock.moveTo(now)
    this.broker.restore(waiting)
    for (const { key, base64 } of objects) await this.bucket.put(key, Buffer.from(base64, 'base64'))
    this.ids = ids
  }

  async save(folder: string): Promise<void> {
    writeFileSync(join(folder, 'database.sqlite'), this.database.serialize())
    const { objects } = await this.bucket.list()
    const contents = objects.map(async ({ key }) => {
      const bytes = await (await this.bucket.get(key))?.arrayBuffer()
      return { key, base64: Buffer.from(bytes ?? []).toString('base64') }
    })
    const saved: Saved = {
      now: clock.now(),
      waiting: [...this.broker.waiting],
      objects: await Promise.all(contents),
      ids: this.ids,
    }
    writeFileSync(join(folder, 'rest.json'), JSON.stringify(saved))
  }
}

export const LOGIN = { login: 'yespo', password: 'password-of-flows' }
export const TOKEN = 'read-token-of-flows'

const SECRETS = {
  WEBHOOK_LOGIN: LOGIN.login,
  WEBHOOK_PASSWORD: LOGIN.password,
  READ_TOKEN: TOKEN,
  YESPO_API_KEY: '',
  YESPO_API_URL: 'https://yespo.example/api',
  YESPO_API_TIME_ZONE: 'UTC',
}
