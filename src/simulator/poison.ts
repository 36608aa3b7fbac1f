import type { Random } from './random.ts'

const TIME = '"activityDateTime":"2026-01-05T07:00:00"'
const STATUS = '"activityStatus":"READ"'

/** Invalid events; a number makes each unlike any other. */
const MAKERS: ((unique: string) => string)[] = [
  (unique) => unique,
  (unique) => `-${unique}.50`,
  (unique) => `"text ${unique}"`,
  (unique) => `[${unique}]`,
  (unique) => `"long ${unique}${' \\" text'.repeat(6_000)}"`,
  (unique) => `[[[[{"a":${unique}}]]]]`,
  (unique) => `{"iid":"${unique}"}`,
  (unique) => `{"iid":"${unique}",${STATUS}}`,
  (unique) => `{"iid":"${unique}",${TIME}}`,
  (unique) => `{"iid":"${unique}",${TIME},"activityStatus":""}`,
  (unique) => `{"iid":"${unique}",${TIME},"activityStatus":null}`,
  (unique) => `{"iid":"${unique}",${TIME},"activityStatus":{"status":"READ"}}`,
  (unique) => `{"iid":"${unique}",${STATUS},"activityDateTime":"2026-02-31T08:00:00"}`,
  (unique) => `{"iid":"${unique}",${STATUS},"activityDateTime":"yesterday"}`,
  (unique) => `{"iid":"${unique}",${STATUS},"activityDateTime":20230914}`,
  (unique) => `{"iid":"${unique}",${STATUS},${TIME},"contactId":1,"contactId":2}`,
  (unique) =>
    `{"iid":"${unique}",${STATUS},${TIME},"a":{"b":[{"\\u0062":{}},{"b":1,"\\u0062":2}]}}`,
  (unique) => `{"iid":"${unique}",${STATUS},${TIME},"messageName":"half \\ud83d"}`,
  (unique) => `{"iid":"${unique}",${STATUS},${TIME},"\\udc00":1}`,
  (unique) =>
    `{"iid":"${unique}",${STATUS},${TIME},"deep":${'['.repeat(2_000)}${']'.repeat(2_000)}}`,
  // Bytes: a character of two that was cut in the middle, as a careless limit on a name leaves it.
  (unique) => `{"iid":"${unique}",${STATUS},${TIME},"messageName":"\xd0\x9f\xd0"}`,
]

/** An element that the receiver has to quarantine. */
export function makePoison(random: Random): Buffer {
  const unique = `${random.between(1, 2_147_483_647)}${random.between(10_000, 99_999)}`
  return Buffer.from(random.pick(MAKERS)(unique), 'latin1')
}
