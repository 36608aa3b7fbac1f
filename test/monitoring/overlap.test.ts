import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { encodeTask } from '../../src/platform/tasks.ts'
import * as kv from '../../src/db/kv.ts'
import { Crashing } from '../archive/crashing.ts'
import { consumeTask } from '../run-maintenance.ts'
import { MINUTE } from './operator.ts'

const STEP = encodeTask({ task: 'hours', left: 0 })

const lease = () => kv.get(env.DB, 'maintenance.until')

afterEach(() => vi.useRealTimers())

it.each([0, 1, 24 * 60])(
  'a step that was sent %i minutes after one that was killed waits until its lease ends',
  async (apart) => {
    const now = Date.now()
    vi.useFakeTimers({ now, toFake: ['Date'] })
    const crashing = new Crashing({ call: 3, when: 'before', isKill: true })
    const first = consumeTask(STEP, { ...env, DB: crashing.database(env.DB) }, now)
    await Promise.race([crashing.killed, first])
    const own = await lease()
    expect(own).not.toBeNull()
    const second = now + apart * MINUTE
    expect(await consumeTask(STEP, env, second)).toEqual({ delaySeconds: 30 })
    expect(await lease()).toBe(own)
    vi.setSystemTime(now + 2 * MINUTE)
    expect(await consumeTask(STEP, env, second)).toBe('ack')
    expect(await lease()).toBeNull()
  },
)
