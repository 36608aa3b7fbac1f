import { toCauseName } from '../../event/bounce/causes.ts'
import { describeCause } from '../../language/causes.ts'
import { HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import { titleOfProvider } from '../../event/mailbox-provider.ts'
import { OTHER } from '../../db/rollups/pulse.ts'
import type { Anomaly } from './detect.ts'

/** An anomaly in words, without personal data. */
export type Description = {
  /** What happens, since when and how much. */
  what: string
  /** The likely cause; null if nothing points to one. */
  cause: string | null
  advice: string
}

/** When it began: UTC milliseconds. */
export function startOf({ sinceQuarter }: Anomaly): number {
  return sinceQuarter * QUARTER_MS
}

/** When it ended: UTC milliseconds; null while it goes on. */
export function endOf({ isOver, lastHour }: Anomaly): number | null {
  return isOver ? (lastHour + 1) * HOUR_MS : null
}

/** @param writeTime writes a time for people: UTC milliseconds */
export function describeAnomaly(
  anomaly: Anomaly,
  writeTime: (time: number) => string,
): Description {
  const end = endOf(anomaly)
  const start = writeTime(startOf(anomaly))
  const when = end === null ? `since ${start}` : `from ${start} to ${writeTime(end)}`
  return anomaly.kind === 'bounces'
    ? describeBounces(anomaly, when)
    : DESCRIPTIONS[anomaly.kind](anomaly, when)
}

function describeBounces(anomaly: Anomaly, when: string): Description {
  const { provider, channel, count, of, normal } = anomaly
  const share = `${percent(count / of)} of ${number(of)}`
  const usual = `normal is ${percent(normal.median)}`
  const what =
    provider === null
      ? `${share} messages by ${channel} have bounced ${when} (${usual}).`
      : `${nameOf(provider)} rejected ${share} emails ${when} (${usual}).`
  if (provider === null && count === of) {
    return {
      what,
      cause: 'Either nothing is delivered, or the webhook no longer sends the status DELIVERED.',
      advice: CHECK_WEBHOOK,
    }
  }
  const { title, meaning, advice } = describeCause(toCauseName(anomaly.cause ?? 'unknown'))
  return { what, cause: `${title}: ${lowerFirst(meaning)}`, advice }
}

type Describe = (anomaly: Anomaly, when: string) => Description

const CHECK_WEBHOOK =
  'In Yespo, check that the webhook exports this status (Account settings → Data export).'

const DESCRIPTIONS: Readonly<Record<Exclude<Anomaly['kind'], 'bounces'>, Describe>> = {
  reads: (anomaly, when) =>
    anomaly.provider === null
      ? {
          what: `Messages by ${anomaly.channel} were opened much less ${when}: ${insteadOf(anomaly)}.`,
          cause:
            'Either the webhook no longer sends the status READ, opens are no longer tracked, or messages land in spam everywhere.',
          advice: `Open a message that you sent to yourself, and see whether that is on the page Recent. ${CHECK_WEBHOOK}`,
        }
      : {
          what: `Emails at ${nameOf(anomaly.provider)} were opened much less than elsewhere ${when}: ${insteadOf(anomaly)}.`,
          cause: 'They probably land in the spam folder.',
          advice:
            'Send the message to a mailbox of your own there and look in its spam folder. Until it is right, send there only to people who read you, and check the SPF, DKIM and DMARC records that Yespo shows.',
        },
  clicks: (anomaly, when) => ({
    what: `Links in messages by ${anomaly.channel} were clicked much less ${when}: ${insteadOf(anomaly)}, while the messages were opened.`,
    cause:
      'Either links or their tracking do not work, or the webhook no longer sends the status CLICKED.',
    advice: `Click a link in the last message yourself. ${CHECK_WEBHOOK}`,
  }),
  complaints: (anomaly, when) => ({
    what: `${number(anomaly.count)} contacts complained of spam by ${anomaly.channel} ${when}: ${times(anomaly)} as many as normal.`,
    cause: 'A campaign reached people who did not expect it.',
    advice:
      'Stop the campaign of that time, and write only to people who opted in. Mailbox providers hold complaints against everything you send.',
  }),
  unsubscribes: (anomaly, when) => ({
    what: `${number(anomaly.count)} contacts unsubscribed by ${anomaly.channel} ${when}: ${times(anomaly)} as many as normal.`,
    cause: 'A campaign went to the wrong people, or too often.',
    advice: 'See which campaign they left from on the page Campaigns, and whom it was sent to.',
  }),
  deliveries: (anomaly, when) => ({
    what: `No message by ${anomaly.channel} was delivered ${when}, while others were opened; normal is at least ${number(anomaly.of)}.`,
    cause: 'Either nothing is sent, or the webhook no longer sends the status DELIVERED.',
    advice: `In Yespo, check that workflows run. ${CHECK_WEBHOOK}`,
  }),
}

function nameOf(provider: string): string {
  return provider === OTHER ? 'other mailbox providers' : titleOfProvider(provider)
}

function insteadOf({ count, of }: Anomaly): string {
  return `${number(count)} times, instead of some ${number(of)}`
}

/** How many times as much as normal. */
function times({ count, of, normal }: Anomaly): string {
  return `${number(Math.round(count / Math.max(1, of * normal.median)))} times`
}

function number(count: number): string {
  return Math.round(count).toLocaleString('en')
}

function percent(share: number): string {
  const digits = share < 0.1 ? 1 : 0
  return `${(100 * share).toFixed(digits)} %`
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
