export const bounces = {} as const
