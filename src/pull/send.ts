import type { Window } from '../store/windows.ts'
import { withTimeLimit } from '../time-limit.ts'
import { encodeWindow } from './window.ts'

const SEND_LIMIT_MS = 10_000 // it has been seen to hang

/** Hands windows to the queue, at most `MAX_PARTS`. @throws what the queue throws: then any of them may be there */
export async function sendWindows(queue: Queue, windows: readonly Window[]): Promise<void> {
  const messages = windows.map((window) => ({
    body: encodeWindow(window),
    contentType: 'text' as const,
  }))
  await withTimeLimit('the queue', SEND_LIMIT_MS, queue.sendBatch(messages))
}
