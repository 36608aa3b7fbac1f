import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { encodeTask } from '../../src/platform/tasks.ts'
import * as kv from '../../src/db/kv.ts'
import { Crashing } from '../archive/crashing.ts'
import { consumeTask } from '../run-maintenance.ts'
import { MINUTE } from './operator.ts'
import { runMaintenance } from '../../src/schedule.ts'

const lease = () => kv.get(env.DB, 'check.until')
const stepLease = () => kv.get(env.DB, 'maintenance.until')
const lastCheck = () => kv.get(env.DB, 'check.last')

const STEP = encodeTask({ task: 'hours', left: 0 })

afterEach(() => vi.useRealTimers())

it.each([0, 15, 30, 24 * 60])(
  'checks scheduled %i minutes apart that start together do not repeat work',
  async (apart) => {
    const now = Date.now()
    vi.useFakeTimers({ now, toFake: ['Date'] })
    const planned = now - 2 * 24 * 60 * MINUTE
    const crashing = new Crashing({ call: 3, when: 'before', isKill: true })
    const first = runMaintenance({ ...env, DB: crashing.database(env.DB) }, planned)
    await Promise.race([crashing.killed, first])
    const own = await lease()
    expect(own).not.toBeNull()
    await runMaintenance(env, planned + apart * MINUTE)
    expect([await lease(), await lastCheck()]).toEqual([own, null])
    vi.setSystemTime(now + 10 * MINUTE)
    await runMaintenance(env, planned + apart * MINUTE)
    expect(await lease()).toBeNull()
    expect(await lastCheck()).not.toBeNull()
  },
)

it.each([0, 1, 24 * 60])(
  'a step that was sent %i minutes after one that was killed waits until its lease ends',
  async (apart) => {
    const now = Date.now()
    vi.useFakeTimers({ now, toFake: ['Date'] })
    const crashing = new Crashing({ call: 3, when: 'before', isKill: true })
    const first = consumeTask(STEP, { ...env, DB: crashing.database(env.DB) }, now)
    await Promise.race([crashing.killed, first])
    const own = await stepLease()
    expect(own).not.toBeNull()
    const second = now + apart * MINUTE
    expect(await consumeTask(STEP, env, second)).toEqual({ delaySeconds: 30 })
    expect(await stepLease()).toBe(own)
    vi.setSystemTime(now + 2 * MINUTE)
    expect(await consumeTask(STEP, env, second)).toBe('ack')
    expect(await stepLease()).toBeNull()
  },
)
