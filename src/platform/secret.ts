import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { Buffer } from 'node:buffer'

/** Characters of what lets someone in, at least. */
export const MIN_SECRET_LENGTH = 16

/** Whether trying finds a secret too soon: it is what lets someone in, and the webhook's is never slowed down. */
export function isGuessable(secret: string): boolean {
  return Array.from(secret).length < MIN_SECRET_LENGTH
}

/**
 * A secret that can be compared and nothing else. Only its digest is kept, so it cannot be printed,
 * and comparing takes the same time whatever is offered.
 */
export class Secret {
  readonly #digest: Buffer

  /** @param text compared as UTF-8 */
  constructor(text: string) {
    this.#digest = digest(text)
  }

  matches(offered: string | Uint8Array): boolean {
    return timingSafeEqual(digest(offered), this.#digest)
  }

  /** A signature (HMAC with SHA-256, base64url) that nobody can make without the secret. */
  sign(text: string): string {
    return createHmac('sha256', this.#digest).update(text).digest('base64url')
  }

  hasSigned(text: string, signature: string): boolean {
    return new Secret(this.sign(text)).matches(signature)
  }
}

/** Whether one of the secrets is offered; always compares with all of them. */
export function matchesAny(secrets: readonly Secret[], offered: string | Uint8Array): boolean {
  return secrets.map((secret) => secret.matches(offered)).includes(true)
}

function digest(content: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', content, 'hex'), 'hex')
}
