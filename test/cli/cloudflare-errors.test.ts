import { expect, it } from 'vitest'
import { explainErrors } from '../../src/cli/deploy/cloudflare-errors.ts'

const API = (path: string, text: string) =>
  `✘ [ERROR] A request to the Cloudflare API (/accounts/1a2b${path}) failed.\n\n  ${text}\n`

it.each([
  [
    API('/r2/buckets', 'Authentication error [code: 10000]'),
    /lacks: Account, Workers R2 Storage: Edit/,
  ],
  [API('/workers/scripts/x/domains/records', 'Authentication error [code: 10000]'), /DNS: Edit/],
  [
    'Unauthorized to access requested resource [code: 9109]',
    /The API token may not do this\.\nEdit/,
  ],
  [
    API('/r2/buckets', 'Please enable R2 through the Cloudflare Dashboard. [code: 10042]'),
    /r2\/overview/,
  ],
  ['System limit reached: databases per account (10) [code: 7406]', /10 on the free plan/],
  [
    "Queue 'shop' (UUID '1a') already has a consumer. [code: 11004]",
    /worker remove shop OTHER-WORKER/,
  ],
  ['Script startup exceeded CPU time limit. [code: 10021]', /it failed to start there/],
  [
    'You have exceeded the limit of 100 Workers on your account. [code: 10037]',
    /as many Workers as its plan allows/,
  ],
  ['Your Worker exceeded the size limit of 3 MiB. [code: 10027]', /3 MB compressed/],
  ["Please verify your account's email address and try again.", /e-mail address verified/],
  ["Hostname 'a' already has externally managed DNS records. [code: 100117]", /has a DNS record/],
  [
    'Could not find zone for `hooks.example.com`. Make sure',
    /^hooks\.example\.com belongs to no domain/,
  ],
  ['"shop" is already assigned to routes:\n  - example.com/*', /belongs to another Worker/],
  ['Publishing to Custom Domain "a" was skipped, fix conflict and try again', /another Worker/],
  [
    'More than one account available but unable to select one in non-interactive mode.',
    /ACCOUNT_ID/,
  ],
  ['Please wait and consider throttling your request speed [code: 971]', /in five minutes/],
  [
    'An unknown error has occurred. If this error persists, report it. [code: 10013]',
    /status\.com/,
  ],
  ["Unable to resolve Cloudflare's API hostname (api.cloudflare.com)", /cannot be reached/],
])('explains %s', (text, explanation) => {
  const colored = text.replace('[ERROR]', '\u001b[41;31m[\u001b[41;97mERROR\u001b[41;31m]\u001b[0m')
  expect(explainErrors(colored.replaceAll('[code', '\u001b[1m[code'))).toEqual([
    expect.stringMatching(explanation),
  ])
})

it('explains each known error once, and ignores others', () => {
  const consumer = (queue: string) => `Queue '${queue}' already has a consumer. [code: 11004]`
  const text = [
    consumer('one'),
    consumer('two'),
    consumer('one'),
    'of 5 cron triggers [code: 10072]',
  ]
  expect(explainErrors(text.join('\n'))).toHaveLength(3)
  expect(explainErrors('something new [code: 12345]')).toEqual([])
})
