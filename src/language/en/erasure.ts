export const erasure = {} as const
