import { setTimeout as wait } from 'node:timers/promises'
import { Account, type WebhookForm } from '../../simulator/account.ts'
import type { ShopEvent } from '../../simulator/shop/delivery.ts'
import { toElement } from '../../simulator/shop/element.ts'
import type { Element } from '../../simulator/traffic.ts'
import { send } from '../../simulator/transport.ts'

const SPEED_UP = 10
const MAX_PAUSE_MS = 4_000 // even at night
const SECOND_MS = 1_000

/**
 * Sends events to a webhook one after another, each as if it happened now, ten times as fast as they happened.
 *
 * @param record is called with each before
 */
export async function play(
  events: Iterable<ShopEvent>,
  form: WebhookForm,
  record: (elements: readonly Element[]) => void,
): Promise<void> {
  const account = new Account(send)
  const webhook = await account.create(form)
  let before: ShopEvent | undefined
  for (const event of events) {
    await wait(before ? pauseBetween(before, event) : 0)
    const elements = [toElement(moveTo(event, Date.now()))]
    record(elements)
    account.emit(elements)
    await account.attempt(webhook)
    before = event
  }
}

/** How long to wait between two events: milliseconds. */
export function pauseBetween(before: ShopEvent, next: ShopEvent): number {
  return Math.min((next.reportedAt - before.reportedAt) / SPEED_UP, MAX_PAUSE_MS)
}

/** The event as if it were reported at another time, as late as it was. @param reportedAt UTC milliseconds */
export function moveTo(event: ShopEvent, reportedAt: number): ShopEvent {
  const late = event.reportedAt - event.at
  const at = Math.floor((reportedAt - late) / SECOND_MS) * SECOND_MS
  return { ...event, at, reportedAt }
}
