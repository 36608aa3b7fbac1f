import { parseExactly } from '../event/exact-number.ts'
import { digest128 } from '../event/identity.ts'
import type { Kept } from './activity-log.ts'

/** Parameters that have another name in the API than in the webhook. */
const API_NAMES: ReadonlyMap<string, string> = new Map([
  ['webpush', 'webPushToken'],
  ['mobilepush', 'mobPushToken'],
])

/** A row as the API returns it, by its names of parameters. */
export type Row = Record<string, unknown>

/** The row of an event: every digit of it, under the API's names, in its time, with its extras. */
export function toRow(kept: Kept): Row {
  const text = kept.event.toString()
  const event = parseExactly(text) as Row
  const { iid, workflowId } = event
  const renamed = Object.entries(event).map(([name, value]) => [API_NAMES.get(name) ?? name, value])
  const isRequested = workflowId !== undefined && typeof iid === 'string'
  return {
    statusData: {},
    ...Object.fromEntries(renamed),
    activityDateTime: formatWall(kept.wall),
    externalRequestId: isRequested ? digest128(iid) : null,
    offset: formatOffset(kept),
  }
}

/** `2026-01-05T07:00:00` */
export function formatWall(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19)
}

/** The cursor after a row. */
function formatOffset({ wall, serial }: Pick<Kept, 'wall' | 'serial'>): string {
  return `${wall / 1_000}-${serial}`
}

/** @returns undefined if the text is not a cursor */
export function parseOffset(text: string): Pick<Kept, 'wall' | 'serial'> | undefined {
  const [, seconds, serial] = /^(-?\d+)-(\d+)$/.exec(text) ?? []
  if (seconds === undefined || serial === undefined) return undefined
  return { wall: Number(seconds) * 1_000, serial: Number(serial) }
}
