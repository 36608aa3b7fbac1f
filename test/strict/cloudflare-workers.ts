/** Takes the place of the module `cloudflare:workers` in Node.js. */
import { currentInvocation } from './invocation.ts'

export function waitUntil(promise: Promise<unknown>): void {
  currentInvocation()?.waitUntil(promise)
}
