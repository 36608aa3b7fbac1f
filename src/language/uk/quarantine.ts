import type { quarantine as english } from '../en/quarantine.ts'
import type { Translation } from '../translation.ts'

export const quarantine: Translation<typeof english> = {}
