/** Whether headers have Basic credentials with that password, and with any user name but none. */
export function hasPassword(headers: Readonly<Record<string, string>>, password: string): boolean {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')
  const [, encoded = ''] = /^Basic +(\S+)$/i.exec(header?.[1] ?? '') ?? []
  const pair = Buffer.from(encoded, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon > 0 && pair.slice(colon + 1) === password
}
