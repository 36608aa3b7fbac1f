import { MARKETERS } from './marketers.ts'
import type { Question } from './question.ts'
import { ERASURE, SUPPORT } from './support.ts'

/** The questions, in the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [...MARKETERS, ...SUPPORT, ERASURE]
