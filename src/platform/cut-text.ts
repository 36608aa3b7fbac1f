/** UTF-16 units after a cut to look at: they show whether it is inside a character. */
const SCAN_AHEAD = 100

let segmenter: Intl.Segmenter | undefined

/**
 * The beginning of a text, never cut inside a character: an emoji may be many code points, and a letter may have
 * marks.
 *
 * @param max UTF-16 units
 */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text
  segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' })
  const cut = segmenter.segment(text.slice(0, max + SCAN_AHEAD)).containing(max)?.index ?? max
  // A single character that is longer is cut, but not inside a surrogate pair.
  if (cut > 0) return text.slice(0, cut)
  return text.slice(0, isHighSurrogate(text, max - 1) ? max - 1 : max)
}

/** A text that ends in an ellipsis if it is too long. @param max UTF-16 units */
export function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${cutText(text, max)}…`
}

function isHighSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  return unit >= 0xd800 && unit <= 0xdbff
}
