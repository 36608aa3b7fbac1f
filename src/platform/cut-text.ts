/** What is looked at behind a cut, to know whether it is in the middle of a character: UTF-16 units. */
const SCAN_AHEAD = 100

let segmenter: Intl.Segmenter | undefined

/**
 * The beginning of a text, without a part of a character at its end: an emoji may be many code points, and a letter
 * may have marks.
 *
 * @param most UTF-16 units
 */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text
  segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' })
  const cut = segmenter.segment(text.slice(0, most + SCAN_AHEAD)).containing(most)?.index ?? most
  // One character that is longer than that is cut all the same, though not into a half of a pair.
  if (cut > 0) return text.slice(0, cut)
  return text.slice(0, isHighSurrogate(text, most - 1) ? most - 1 : most)
}

/** A text that takes no more room than it is worth; longer ones end in an ellipsis. @param most UTF-16 units */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${cutText(text, most)}…`
}

function isHighSurrogate(text: string, place: number): boolean {
  const unit = text.charCodeAt(place)
  return unit >= 0xd800 && unit <= 0xdbff
}
