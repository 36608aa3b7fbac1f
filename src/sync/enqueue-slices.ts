import type { TimeSlice } from '../db/sync/slices.ts'
import { withTimeout } from '../platform/timeout.ts'
import { encodeSlice } from './slice.ts'

const SEND_TIMEOUT_MS = 10_000 // it has been seen to hang

/** Hands windows to the queue, at most `MAX_PARTS`. @throws what the queue throws: then any of them may be there */
export async function enqueueSlices(queue: Queue, windows: readonly TimeSlice[]): Promise<void> {
  const messages = windows.map((window) => ({
    body: encodeSlice(window),
    contentType: 'text' as const,
  }))
  await withTimeout('the queue', SEND_TIMEOUT_MS, queue.sendBatch(messages))
}
