import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'
import { vi } from 'vitest'

const AUDIENCE = '32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228'
export const USER = '7335d417-61da-459d-899c-0a01c76a2f94'

/** Claims of a token; undefined ones are left out. */
export type Claims = { [Name in keyof JWTPayload]: JWTPayload[Name] | undefined }

let teams = 0
const firstKey = generateKeyPair('RS256') // takes long

/** A team of Cloudflare Access, whose keys `fetch` serves. */
export class FakeAccess {
  readonly domain = `https://team-${++teams}.cloudflareaccess.com`
  /** How often the keys were requested. */
  requests = 0
  /** Serves the keys; a test may replace it. */
  serve: (signal: AbortSignal | null | undefined) => Promise<Response> = async () =>
    Response.json({ keys: this.#published })
  readonly #published: object[] = []
  #kid = ''
  #keys = firstKey

  /** The settings of a receiver behind this team. */
  get settings(): Partial<Env> {
    return {
      ACCESS_TEAM_DOMAIN: this.domain,
      ACCESS_AUDIENCE: AUDIENCE,
      ACCESS_OPERATOR_GROUPS: 'Mail operators, chief@example.com, robot.access',
      OPERATE_TOKEN: 'operate-token-for-tests',
    }
  }

  static async start(): Promise<FakeAccess> {
    const access = new FakeAccess()
    await access.#publishKey()
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      if (String(input) !== `${access.domain}/cdn-cgi/access/certs`) throw new Error('unexpected')
      access.requests++
      return access.serve(init?.signal)
    })
    return access
  }

  /** Signs with a new key from now on, which is published unless it is secret. */
  async rotateKey({ isSecret = false } = {}): Promise<void> {
    this.#keys = generateKeyPair('RS256')
    this.#kid = 'secret'
    if (!isSecret) await this.#publishKey()
  }

  async #publishKey(): Promise<void> {
    const { publicKey } = await this.#keys
    this.#kid = crypto.randomUUID()
    this.#published.push({ ...(await exportJWK(publicKey)), kid: this.#kid, alg: 'RS256' })
  }

  /** A token of the application, valid for a minute. */
  async sign(claims: Claims = {}, { kid = this.#kid } = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const person = { type: 'app', aud: [AUDIENCE], iss: this.domain, sub: USER }
    const times = { iat: now, nbf: now, exp: now + 60 }
    const all = { ...person, email: 'olena@example.com', ...times, ...claims }
    return new SignJWT(JSON.parse(JSON.stringify(all)))
      .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
      .sign((await this.#keys).privateKey)
  }
}
