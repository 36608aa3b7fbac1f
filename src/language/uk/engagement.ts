import type { engagement as english } from '../en/engagement.ts'
import type { Translation } from '../translation.ts'

export const engagement: Translation<typeof english> = {}
