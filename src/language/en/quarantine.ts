export const quarantine = {} as const
