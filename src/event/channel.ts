import type { ParameterName } from './parameters.ts'

const MAX_KNOWN = 200
const MAX_LENGTH = 50 // of a cached spelling; Yespo's own names have at most 11
const MAX_FOLDED = 200 // longer texts are not channels, and NFKC makes up to 18 characters of one

/** Spellings seen so far: nearly all events have one of a few. */
const known = new Map<string, string>()

/**
 * A channel (`mediaType`) in one spelling, however Yespo or its API wrote it: lower case without blanks and
 * punctuation. `Web Push`, `WEB_PUSH` and `webpush` are `webpush`; `In-App` is `inapp`, `AppInbox` is
 * `appinbox`. An unknown channel is spelled the same way.
 */
export function canonicalChannel(mediaType: string): string {
  const seen = known.get(mediaType)
  if (seen !== undefined) return seen
  const text = mediaType.trim()
  if (text.length > MAX_FOLDED) return text
  const folded = text.normalize('NFKC').toLowerCase()
  const channel = folded.replaceAll(/[^\p{L}\p{N}]/gu, '') || folded.trim()
  if (mediaType.length <= MAX_LENGTH) {
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(mediaType, channel)
  }
  return channel
}

/** The parameter with a contact's address in a channel, by `canonicalChannel`; other channels have none. */
export const ADDRESS_OF: Readonly<Record<string, ParameterName>> = {
  email: 'email',
  sms: 'sms',
  viber: 'sms',
  webpush: 'webpush',
  mobilepush: 'mobilepush',
  appinbox: 'mobilepush',
  inapp: 'mobilepush',
}
