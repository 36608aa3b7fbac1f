import type { bounces as english } from '../en/bounces.ts'
import type { Translation } from '../translation.ts'

export const bounces: Translation<typeof english> = {}
