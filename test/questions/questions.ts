import { MARKETERS } from './marketers.ts'
import type { Question } from './question.ts'

/** The forty questions. */
export const QUESTIONS: readonly Question[] = [...MARKETERS]
