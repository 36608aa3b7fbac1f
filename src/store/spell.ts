/** Shorter ones are fillers, or short numbers that a company writes from. */
const MIN_DIGITS = 5

/**
 * One spelling of a name that a person is known by: addresses in lower case, and of a phone number
 * its digits.
 *
 * @param name the parameter that it is the value of
 * @returns undefined for what fills a field and tells nobody: `none`, `-`, `n/a`
 */
export function spell(name: string, value: string): string | undefined {
  if (name === 'email') {
    const address = value.normalize().trim().toLowerCase()
    return /.@./.test(address) ? address : undefined
  }
  if (name === 'sms') {
    const digits = value.replace(/\D/g, '')
    return digits.length >= MIN_DIGITS ? digits : undefined
  }
  return /[\p{L}\p{N}]/u.test(value) ? value : undefined
}
