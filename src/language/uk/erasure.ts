import type { erasure as english } from '../en/erasure.ts'
import type { Translation } from '../translation.ts'

export const erasure: Translation<typeof english> = {}
