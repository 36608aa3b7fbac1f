import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, vi } from 'vitest'
import { Checkout, type Program } from './checkout.ts'
import { FakeCloudflare } from './fake-cloudflare.ts'
import { runInTerminal } from './terminal.ts'

const FAKE_WEB = pathToFileURL(join(import.meta.dirname, 'fake-web.ts')).href

// A deploy starts wrangler ten times: on a busy machine that takes minutes, and only a hung one reaches this.
vi.setConfig({ testTimeout: 600_000 })

/** Someone who has cloned the project and has a Cloudflare account. */
export class Deploying {
  readonly checkout = new Checkout()
  readonly cloudflare = new FakeCloudflare()
  #api = ''

  async begin(): Promise<this> {
    this.#api = await this.cloudflare.listen()
    return this
  }

  end(): void {
    this.cloudflare.close()
    this.checkout.remove()
  }

  /** What makes a program see this Cloudflare instead of the real one. */
  get env(): Record<string, string> {
    return {
      CLOUDFLARE_API_BASE_URL: this.#api,
      CLOUDFLARE_API_TOKEN: 'token',
      CLOUDFLARE_ACCOUNT_ID: 'account',
      NODE_OPTIONS: `--import=${FAKE_WEB}`,
      FAKE_WEB: this.#api,
    }
  }

  /** `npm run deploy`, which has to end with a code. */
  async deploy(code = 0, args: string[] = [], env: Record<string, string> = {}): Promise<Program> {
    const all = { ...this.env, CI: '', ...env }
    const program = this.checkout.run('src/cli/deploy.ts', args, all)
    expect([await program.done, program.output]).toEqual([code, expect.anything()])
    return program
  }

  /** The same at a terminal, where someone answers the question whether to create what can never be moved. */
  async deployInTerminal(
    typed: string,
    code = 0,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Program> {
    const program = runInTerminal(this.checkout, 'src/cli/deploy.ts', [], { ...this.env, ...env })
    await program.prints(/Create them\?/)
    program.type(typed)
    expect([await program.done, program.output]).toEqual([code, expect.anything()])
    return program
  }

  /** Changes a file, in which the text to change has to be. */
  edit(file: string, from: string | RegExp, to: string): void {
    const path = join(this.checkout.folder, file)
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(from)
    writeFileSync(path, text.replace(from, to))
  }

  /** Where among the calls to the API the first one of a kind is; -1 if there is none. */
  place(pattern: RegExp): number {
    return this.cloudflare.calls.findIndex(({ method, path, body }) =>
      pattern.test(`${method} ${path} ${body}`),
    )
  }
}
