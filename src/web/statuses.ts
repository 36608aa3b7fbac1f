import { shorten } from '../platform/cut-text.ts'

/** The statuses in the order of a delivery, with their names and colours. */
export const STATUSES = [
  { status: 'SENT', name: 'Sent', tone: 'sent' },
  { status: 'DELIVERED', name: 'Delivered', tone: 'delivered' },
  { status: 'READ', name: 'Read', tone: 'read' },
  { status: 'CLICKED', name: 'Clicked', tone: 'clicked' },
  { status: 'UNDELIVERED', name: 'Undelivered', tone: 'undelivered' },
  { status: 'SPAM', name: 'Spam', tone: 'spam' },
  { status: 'UNSUBSCRIBED', name: 'Unsubscribed', tone: 'unsubscribed' },
  { status: 'SUBSCRIPTION_CHANGED', name: 'Subscription changed', tone: 'changed' },
] as const

const MAX_NAME = 60 // characters: an undocumented status may have any length

/** The name of a status; an undocumented one is its own name, shortened. */
export function nameOf(status: string): string {
  const name = STATUSES.find((each) => each.status === status)?.name ?? status
  return shorten(name, MAX_NAME)
}

/** The colour of a status, the last part of a class of the style sheet. */
export function toneOf(status: string): string {
  return STATUSES.find((each) => each.status === status)?.tone ?? 'other'
}
