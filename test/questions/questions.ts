import { DELIVERABILITY } from './deliverability.ts'
import { ENGINEERS, ODDITIES } from './engineers.ts'
import { MARKETERS } from './marketers.ts'
import type { Question } from './question.ts'
import { ERASURE, SUPPORT } from './support.ts'

/** The questions, in the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [
  ...MARKETERS,
  ...SUPPORT,
  ...DELIVERABILITY,
  ...ENGINEERS,
  ...ODDITIES,
  ERASURE,
]
