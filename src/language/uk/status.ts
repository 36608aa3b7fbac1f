import type { status as english } from '../en/status.ts'
import type { Translation } from '../translation.ts'

export const status: Translation<typeof english> = {}
