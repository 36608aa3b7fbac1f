/**
 * Waits for a promise so long and no longer. What was begun goes on, so it has to be something that
 * can be done twice.
 *
 * @throws Error "… exceeded its time limit of … ms"
 */
export async function withTimeout<T>(what: string, ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} exceeded its time limit of ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
