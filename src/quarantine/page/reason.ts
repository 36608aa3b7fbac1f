import { shorten } from '../../platform/cut-text.ts'
import type { Viewer } from '../../web/viewer.tsx'

const MAX_LENGTH = 300 // characters

/** Reasons of events, which name a parameter first. */
const REASONS = [
  [/^(\w+) is missing$/, 'quarantine.reason.missing'],
  [/^(\w+) is not a date and time that exists; .*$/, 'quarantine.reason.time'],
  [/^(\w+) contains broken Unicode text$/, 'quarantine.reason.unicode'],
  [/^(\w+) is nested deeper than \d+ levels$/, 'quarantine.reason.nested'],
  [/^(\w+) is given twice$/, 'quarantine.reason.twice'],
] as const

/** The reason of an item in the language of the viewer; a rare one in English, as it is stored. */
export function describeReason(reason: string, { text, language }: Viewer): string {
  if (language !== 'en') {
    for (const [pattern, key] of REASONS) {
      const name = pattern.exec(reason)?.[1]
      if (name !== undefined) return text(key, { name })
    }
  }
  return shorten(reason, MAX_LENGTH)
}
