import { canonicalChannel } from '../../event/channel.ts'
import { isTextKey } from '../../language/messages.ts'
import type { Viewer } from '../../web/viewer.tsx'

/** The name of a channel for people; one that Yespo does not document is its own name. */
export function nameChannel(mediaType: string, text: Viewer['text']): string {
  const key = `channel.${canonicalChannel(mediaType)}`
  return isTextKey(key) ? text(key) : mediaType
}
