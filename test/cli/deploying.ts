import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import { Checkout, type Program } from './checkout.ts'
import { FakeCloudflare } from './fake-cloudflare.ts'
import { runInTerminal } from './terminal.ts'
import { warmWrangler } from './warm.ts'

const FAKE_WEB = pathToFileURL(join(import.meta.dirname, 'fake-web.ts')).href

/** A clone of the project and a Cloudflare account. */
export class Deploying {
  readonly checkout = new Checkout()
  readonly cloudflare = new FakeCloudflare()
  #api = ''

  async begin(): Promise<this> {
    this.#api = await this.cloudflare.listen()
    await warmWrangler(this.checkout.folder, FAKE_WEB)
    return this
  }

  end(): void {
    this.cloudflare.close()
    this.checkout.remove()
  }

  /** The environment in which a program uses this Cloudflare instead of the real one. */
  get env(): Record<string, string> {
    return {
      CLOUDFLARE_API_BASE_URL: this.#api,
      CLOUDFLARE_API_TOKEN: 'token',
      CLOUDFLARE_ACCOUNT_ID: 'account',
      NODE_OPTIONS: `--import=${FAKE_WEB}`,
      FAKE_WEB: this.#api,
    }
  }

  /** Runs `npm run deploy`, and expects an exit code. */
  async deploy(code = 0, args: string[] = [], env: Record<string, string> = {}): Promise<Program> {
    const all = { ...this.env, CI: '', ...env }
    const program = this.checkout.run('src/cli/deploy.ts', args, all)
    expect([await program.done, program.output]).toEqual([code, expect.anything()])
    return program
  }

  /** Runs a deploy in a terminal, and answers whether to create data stores that can never be moved. */
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

  /** Replaces a text in a file, which has to contain it. */
  edit(file: string, from: string | RegExp, to: string): void {
    const path = join(this.checkout.folder, file)
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(from)
    writeFileSync(path, text.replace(from, to))
  }

  /** The index of the first matching call to the API; -1 if there is none. */
  findCall(pattern: RegExp): number {
    return this.cloudflare.calls.findIndex(({ method, path, body }) =>
      pattern.test(`${method} ${path} ${body}`),
    )
  }
}
