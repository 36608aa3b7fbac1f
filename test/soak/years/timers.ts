/** Takes the place of `node:timers/promises`: waits in virtual time. */
export function setTimeout(ms: number): Promise<void> {
  return new Promise((resolve) => {
    globalThis.setTimeout(resolve, ms)
  })
}
