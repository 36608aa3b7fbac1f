import type { CauseName } from '../event/bounce/causes.ts'
import type { Language } from './languages.ts'
import { textOf } from './messages.ts'

/** The cause of a bounce, in words for a marketer. */
export type CauseText = {
  title: string
  meaning: string
  /** What to do about it. */
  advice: string
}

/** Describes the cause of a bounce. */
export function describeCause(name: CauseName, language: Language = 'en'): CauseText {
  return {
    title: textOf(language, `cause.${name}.title`),
    meaning: textOf(language, `cause.${name}.meaning`),
    advice: textOf(language, `cause.${name}.advice`),
  }
}
