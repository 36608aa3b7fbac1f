import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../event/clock.ts'
import type { Random } from '../random.ts'
import type { Channel } from './channel.ts'

/** A link of a message. */
export type Link = {
  /** Without parameters that only track. */
  url: string
  utm: Readonly<Partial<Record<'source' | 'medium' | 'campaign' | 'content', string>>>
  /** Whether each contact gets it with a parameter of her own. */
  isTracked: boolean
}

/** A message, as it was written once. */
export type Message = {
  messageId: number
  messageName: string
  messageTag: string | undefined
  channel: Channel
  from: string | undefined
  /** Whether each contact gets it in her own language; otherwise it has none. */
  isTranslated: boolean
  links: readonly Link[]
  /** How much more than others it interests people. */
  pull: number
}

/** A broadcast, or a block of a workflow. */
export type Campaign = {
  message: Message
  messageInstanceId: number
  broadcastId: number | undefined
  block: Block | undefined
}

type Block = {
  workflowId: number
  workflowBlockId: string
  sourceEventTypeKey: string
}

/** A workflow: its blocks one after another, until somebody leaves it. */
export type Workflow = {
  workflowId: number
  steps: readonly {
    /** After the one before: milliseconds. */
    delay: number
    /** The first whose channel the contact has. */
    options: readonly Campaign[]
  }[]
  /** The probability that somebody leaves after a block. */
  leaving: number
}

const THEMES = [
  { name: 'Осінній розпродаж', slug: 'autumn-sale', tags: 'sale,season' },
  { name: 'Новинки тижня', slug: 'new-arrivals', tags: 'digest,news' },
  { name: 'Для саду й дому', slug: 'home-garden', tags: 'home' },
  { name: 'Black Friday is near', slug: 'black-friday', tags: 'sale' },
  { name: 'Кава зі знижкою −20 %', slug: 'coffee', tags: 'sale,food' },
  { name: 'Подарунки до свят', slug: 'gifts', tags: 'season,gifts' },
  { name: 'Ваші бонуси згорають', slug: 'bonus', tags: undefined },
]
const SENDERS = ['Крамниця', 'Example Shop', 'Клуб «Крамниці»']
const SECTIONS = [
  'coffee-makers',
  'kettles',
  'gardening',
  'lamps',
  'blankets',
  'teapots',
  'gifts',
  'sale',
  'stores',
  'bonus-program',
]
const CONTENTS = ['banner', 'button', 'product', 'footer']
const SHOP = 'https://shop.example.com'

/** Makes campaigns, whose numbers grow. */
export class CampaignMaker {
  readonly #random: Random
  #lastId = 4_000_000

  constructor(random: Random) {
    this.#random = random
  }

  makeBroadcast(channel: Channel, number: number): Campaign {
    const { name, slug, tags } = this.#random.pick(THEMES)
    const message = this.#makeMessage(channel, `${name} №${number}`, `${slug}-${number}`, tags)
    return {
      message,
      messageInstanceId: ++this.#lastId,
      broadcastId: ++this.#lastId,
      block: undefined,
    }
  }

  makeWelcome(): Workflow {
    const workflowId = ++this.#lastId
    const block = (channel: Channel, name: string, slug: string) =>
      this.#makeBlock(workflowId, 'contactCreated', channel, name, `welcome-${slug}`)
    return {
      workflowId,
      leaving: 0.08,
      steps: [
        { delay: 2 * MINUTE_MS, options: [block('email', 'Вітаємо в «Крамниці»!', '1')] },
        { delay: 2 * DAY_MS, options: [block('email', 'Як обрати чайник', '2')] },
        {
          delay: 2 * DAY_MS,
          options: [
            block('viber', 'Подарунок: −10 %', '3-viber'),
            block('mobilepush', 'Ваш подарунок', '3-push'),
          ],
        },
        { delay: 3 * DAY_MS, options: [block('sms', 'Код −10 % до неділі', '4')] },
        { delay: 4 * DAY_MS, options: [block('email', 'Що кажуть покупці', '5')] },
      ],
    }
  }

  makeBasket(): Workflow {
    const workflowId = ++this.#lastId
    const block = (channel: Channel, name: string, slug: string) =>
      this.#makeBlock(workflowId, 'basketAbandoned', channel, name, `basket-${slug}`)
    return {
      workflowId,
      leaving: 0.3,
      steps: [
        { delay: HOUR_MS, options: [block('email', 'Ви щось забули в кошику', '1')] },
        {
          delay: DAY_MS,
          options: [
            block('mobilepush', 'Кошик чекає', '2-push'),
            block('webpush', 'Кошик чекає', '2-web'),
          ],
        },
        { delay: 2 * DAY_MS, options: [block('viber', 'Кошик: −5 % сьогодні', '3')] },
      ],
    }
  }

  #makeBlock(
    workflowId: number,
    sourceEventTypeKey: string,
    channel: Channel,
    name: string,
    slug: string,
  ): Campaign {
    const workflowBlockId = `_${this.#random.hex(32)}`
    return {
      message: this.#makeMessage(channel, name, slug, 'workflow'),
      messageInstanceId: ++this.#lastId,
      broadcastId: undefined,
      block: { workflowId, workflowBlockId, sourceEventTypeKey },
    }
  }

  #makeMessage(
    channel: Channel,
    messageName: string,
    slug: string,
    messageTag: string | undefined,
  ): Message {
    const random = this.#random
    const hasSender = channel === 'email' || channel === 'sms'
    return {
      messageId: ++this.#lastId,
      messageName,
      messageTag,
      channel,
      from: hasSender ? random.pick(SENDERS) : undefined,
      isTranslated: random.chance(0.6),
      links: this.#makeLinks(channel, slug),
      pull: random.between(60, 140) / 100,
    }
  }

  /** An email has many links, any other message one or two. */
  #makeLinks(channel: Channel, slug: string): Link[] {
    const random = this.#random
    const source = random.pick(['yespo', 'yespo', 'yespo', 'newsletter', 'crm'])
    const count = channel === 'email' ? random.between(9, SECTIONS.length) : random.between(1, 2)
    return SECTIONS.slice(0, count).map((section, index) => ({
      url: `${SHOP}/${slug}/${section}${index === 1 ? '?color=blue' : ''}`,
      utm:
        section === 'stores'
          ? {}
          : {
              source,
              medium: channel,
              campaign: slug,
              ...(random.chance(0.6) && { content: random.pick(CONTENTS) }),
            },
      isTracked: random.chance(0.3),
    }))
  }
}

/** A link as it stands in one contact's message. */
export function writeLink({ url, utm, isTracked }: Link, token: string): string {
  const pairs = Object.entries(utm).map(([name, value]) => `utm_${name}=${value}`)
  if (isTracked) pairs.push(`mc_eid=${token}`)
  if (pairs.length === 0) return url
  return `${url}${url.includes('?') ? '&' : '?'}${pairs.join('&')}`
}
