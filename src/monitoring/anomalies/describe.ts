import { toCauseName } from '../../event/bounce/causes.ts'
import { HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import { titleOfProvider } from '../../event/mailbox-provider.ts'
import { OTHER } from '../../db/rollups/pulse.ts'
import type { Phrase, TextKey } from '../../language/messages.ts'
import type { Anomaly } from './detect.ts'

/** An anomaly in words, without personal data. */
export type Description = {
  /** What happens, since when and how much. */
  what: Phrase
  /** The likely cause; null if nothing points to one. */
  cause: Phrase | null
  advice: Phrase
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
  const { kind, provider } = anomaly
  const values = valuesOf(anomaly, writeTime)
  if (kind === 'bounces') return describeBounces(anomaly, values)
  const key =
    kind === 'reads'
      ? (`anomaly.reads.${provider === null ? 'channel' : 'provider'}` as const)
      : (`anomaly.${kind}` as const)
  return {
    what: { key, values },
    cause: { key: `${key}.cause` },
    advice: { key: `${key}.advice` },
  }
}

type Values = NonNullable<Phrase['values']>

function describeBounces({ provider, count, of, cause }: Anomaly, values: Values): Description {
  if (provider === null && count === of) {
    return {
      what: { key: 'anomaly.bounces.channel', values },
      cause: { key: 'anomaly.bounces.all.cause' },
      advice: { key: 'anomaly.checkWebhook' },
    }
  }
  const phraseOf = (part: 'title' | 'meaning' | 'advice'): Phrase => ({
    key: `cause.${toCauseName(cause ?? 'unknown')}.${part}`,
  })
  const key: TextKey = provider === null ? 'anomaly.bounces.channel' : 'anomaly.bounces.provider'
  return {
    what: { key, values },
    cause: {
      key: 'anomaly.cause',
      values: { title: phraseOf('title'), meaning: phraseOf('meaning') },
    },
    advice: phraseOf('advice'),
  }
}

function valuesOf(anomaly: Anomaly, writeTime: (time: number) => string): Values {
  const { channel, provider, count, of, normal } = anomaly
  const [start, end] = [writeTime(startOf(anomaly)), endOf(anomaly)]
  return {
    when:
      end === null
        ? { key: 'anomaly.since', values: { start } }
        : { key: 'anomaly.from', values: { start, end: writeTime(end) } },
    channel: channel === OTHER ? { key: 'anomaly.otherChannel' } : channel,
    provider: nameProvider(provider),
    count: Math.round(count),
    of: Math.round(of),
    share: count / of,
    normal: normal.median,
    // How many times as many as normal.
    times: Math.round(count / Math.max(1, of * normal.median)),
  }
}

function nameProvider(provider: string | null): string | Phrase {
  if (provider === OTHER) return { key: 'anomaly.otherProviders' }
  return provider === null ? '' : titleOfProvider(provider)
}
