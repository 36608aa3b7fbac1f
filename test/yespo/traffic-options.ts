import { parseCount, parseTime } from './numbers.ts'
import { findStart } from './period.ts'

/** The options of every program that makes simulated traffic: with the same ones all make the same. */
export const TRAFFIC_OPTIONS = {
  events: { type: 'string', default: '10000' },
  seed: { type: 'string', default: '1' },
  start: { type: 'string' },
} as const

/** What to say of them. */
export const TRAFFIC_USAGE = `
  --events N               how many events (10000)
  --seed S                 the same seed makes the same events (1)
  --start TIME             when the first of them happened, such as 2026-11-01 (by default such that the
                           last happens right before today, UTC)`

type Traffic = { events: number; seed: number; start: number }

/** Reads them; throws if one is none. */
export function readTraffic(values: {
  events: string
  seed: string
  start?: string | undefined
}): Traffic {
  const events = parseCount('--events', values.events)
  const seed = parseCount('--seed', values.seed)
  const start = values.start === undefined ? undefined : parseTime('--start', values.start)
  return { events, seed, start: start ?? findStart(seed, events, Date.now()) }
}

/** The options that make the same events again, on any day. */
export function describeTraffic({ events, seed, start }: Traffic): string {
  return `--events ${events} --seed ${seed} --start ${new Date(start).toISOString()}`
}
