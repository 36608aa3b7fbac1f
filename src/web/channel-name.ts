import { isTextKey } from '../language/messages.ts'
import { shorten } from '../platform/cut-text.ts'
import type { Viewer } from './viewer.tsx'

const MAX_NAME = 60 // characters: an undocumented channel may have any length

/** The name of a channel; an undocumented one is its own name. @param mediaType null if an event names none */
export function channelName(mediaType: string | null, text: Viewer['text']): string {
  const key = `channel.${mediaType ?? 'none'}`
  return isTextKey(key) ? text(key) : shorten(mediaType ?? '', MAX_NAME)
}
