const MAX_KNOWN = 200
const MAX_LENGTH = 50 // of what is remembered; Yespo's own names have at most 11
const MAX_FOLDED = 200 // what is longer is no channel, and NFKC makes up to 18 characters of one

/** Spellings seen so far: nearly all events have one of a handful. */
const known = new Map<string, string>()

/**
 * A channel (`mediaType`) in one spelling, whatever Yespo or its API wrote: lower case without blanks and
 * punctuation. `Web Push`, `WEB_PUSH` and `webpush` are `webpush`; `In-App` is `inapp`, `AppInbox` is
 * `appinbox`. A channel that nobody knows yet gets its own spelling the same way.
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
