import { expect, it } from 'vitest'
import { listWebhookUrls } from '../../src/cli/address.ts'

const OTHERS = [
  'schedule: */5 * * * *',
  'Producer for yespo-activity',
  'Consumer for example.com/x',
  '...and 3 more routes',
]
const WORKERS_DEV = 'https://yespo-receiver.example.workers.dev'
const on = (...hosts: string[]) => hosts.map((host) => `https://${host}/webhooks/yespo`)

it.each([
  [[WORKERS_DEV], on('yespo-receiver.example.workers.dev')],
  [['hooks.example.com (custom domain)'], on('hooks.example.com')],
  [['hooks.example.com (custom domain - zone id: 1a2b)'], on('hooks.example.com')],
  [['hooks.example.com (custom domain - zone name: example.com)'], on('hooks.example.com')],
  [
    ['a.example.com (custom domain) [production: enabled, previews: disabled]'],
    on('a.example.com'),
  ],
  [['a.example.com (custom domain) [production: disabled]'], []],
  [['example.com/*'], on('example.com')],
  [['example.com/* (zone name: example.com)'], on('example.com')],
  [['*example.com/* (zone id: 1a2b)'], on('example.com')],
  [['https://example.com/webhooks/*'], on('example.com')],
  [['example.com/webhooks/yespo'], on('example.com')],
  [['example.com/shop/*'], []], // does not include the webhook
  [['example.com'], []],
  [['*.example.com/*'], []], // not a single host
  [['http://example.com/*'], []],
  [[], []],
])('of %j are %j', (targets, urls) => {
  expect(listWebhookUrls([...OTHERS, ...targets])).toEqual(urls)
})

it('starts with the configured address', () => {
  const targets = [WORKERS_DEV, 'example.com/*', 'hooks.example.com (custom domain)']
  expect(listWebhookUrls(targets)).toEqual(
    on('hooks.example.com', 'example.com', 'yespo-receiver.example.workers.dev'),
  )
})
