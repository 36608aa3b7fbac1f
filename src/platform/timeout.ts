/**
 * Waits for a promise with a time limit. The work continues after that, so it must be safe to do twice.
 *
 * @throws Error "… exceeded its time limit of … ms"
 */
export async function withTimeout<T>(name: string, ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} exceeded its time limit of ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
