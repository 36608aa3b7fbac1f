import { isTextKey } from '../language/messages.ts'
import type { Viewer } from './viewer.tsx'

/** A parameter's name for people: `Contact ID` for `contactId`; an undocumented one is its own name. */
export function labelOf(name: string, text: Viewer['text']): string {
  const key = `parameter.${name}`
  return isTextKey(key) ? text(key) : name
}
