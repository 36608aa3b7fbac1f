import { isTextKey } from '../language/messages.ts'
import { shorten } from '../platform/cut-text.ts'
import type { Viewer } from './viewer.tsx'

/** The statuses in the order of a delivery, with their colours. */
export const STATUSES = [
  { status: 'SENT', tone: 'sent' },
  { status: 'DELIVERED', tone: 'delivered' },
  { status: 'READ', tone: 'read' },
  { status: 'CLICKED', tone: 'clicked' },
  { status: 'UNDELIVERED', tone: 'undelivered' },
  { status: 'SPAM', tone: 'spam' },
  { status: 'UNSUBSCRIBED', tone: 'unsubscribed' },
  { status: 'SUBSCRIPTION_CHANGED', tone: 'changed' },
] as const

const MAX_NAME = 60 // characters: an undocumented status may have any length

/** The name of a status; an undocumented one is its own name, shortened. */
export function nameOf(status: string, text: Viewer['text']): string {
  const key = `status.${status}`
  return isTextKey(key) ? text(key) : shorten(status, MAX_NAME)
}

/** The colour of a status, the last part of a class of the style sheet. */
export function toneOf(status: string): string {
  return STATUSES.find((each) => each.status === status)?.tone ?? 'other'
}
