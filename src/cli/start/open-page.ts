import { spawn } from 'node:child_process'

/** Each platform's command that opens a URL in the default browser. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''], // the second one is the window's title
}
const OTHERS = ['xdg-open'] as const

/** Opens a page in the browser of whoever runs this program; never in CI, where nobody looks. */
export function openPage(url: string): void {
  if (process.env['CI']) return
  const [command, ...args] = OPENERS[process.platform] ?? OTHERS
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  const explain = () => console.log(`No browser could be opened here: visit ${url}`)
  child.on('error', explain)
  child.on('exit', (code) => {
    if (code !== 0) explain()
  })
  child.unref()
}
