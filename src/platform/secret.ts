import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { Buffer } from 'node:buffer'

/** Minimum length of a password or token, in characters. */
export const MIN_SECRET_LENGTH = 16

/** Whether a secret is so short that it can be guessed. */
export function isGuessable(secret: string): boolean {
  return Array.from(secret).length < MIN_SECRET_LENGTH
}

/**
 * A secret that can only be compared. It keeps only a digest, so it cannot be printed, and comparisons take the same
 * time for every input.
 */
export class Secret {
  readonly #digest: Buffer

  /** @param text compared as UTF-8 */
  constructor(text: string) {
    this.#digest = digest(text)
  }

  matches(input: string | Uint8Array): boolean {
    return timingSafeEqual(digest(input), this.#digest)
  }

  /** A signature (HMAC with SHA-256, base64url) that requires the secret. */
  sign(text: string): string {
    return createHmac('sha256', this.#digest).update(text).digest('base64url')
  }

  hasSigned(text: string, signature: string): boolean {
    return new Secret(this.sign(text)).matches(signature)
  }
}

/** Whether the input is one of the secrets; always compares with all of them. */
export function matchesAny(secrets: readonly Secret[], input: string | Uint8Array): boolean {
  return secrets.map((secret) => secret.matches(input)).includes(true)
}

function digest(content: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', content, 'hex'), 'hex')
}
